import { timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../contract/key-provider.js';
import { textContext, wrapContext } from './binding.js';
import type { Binding } from './binding.js';
import { newDataKey, textKeysOf, unwrapDataKey, wrapDataKey } from './data-key.js';
import type { TextKeys } from './data-key.js';
import { decrypt, encrypt, GCM_BYTES } from './gcm.js';
import type { KnownTextKeys } from './known-text-keys.js';
import { openFirstFormat } from './sealed-box-1.js';

const FORMAT = 2;
const COMMITMENT_BYTES = 32;

/**
 * Seals a text with AES-256-GCM under a data key of its own, which is wrapped with the master key.
 *
 * Bytes: format (1) · key id length (1) · key id · wrapped length (2, big endian) · wrapped data key · commitment (32) ·
 * IV (12) · tag (16) · text. The commitment and all after it do not know the master key: rotation leaves them as they
 * are. Nothing counts how often a master key was used: with a data key for each record it wraps once for each write, far
 * from the 2^32 times that random IVs allow.
 *
 * @throws {AlgoError} `ALGO_KEY_UNUSABLE`
 */
export async function seal(plain: string, binding: Binding, master: MasterKey): Promise<Uint8Array> {
  const dataKey = newDataKey();
  const { cipherKey, commitment } = textKeysOf(dataKey);
  const text = encrypt(cipherKey, Buffer.from(plain, 'utf8'), textContext(binding));
  const wrapped = await wrapDataKey(dataKey, master, wrapContext(binding, master.id));
  return boxOf(master.id, wrapped, Buffer.concat([commitment, text]));
}

/**
 * Opens a box of any format; null when any byte of it, the binding or the key is not the one it was sealed with.
 *
 * @throws {AlgoError} `ALGO_KEY_UNUSABLE` when whoever has the key cannot be asked; that says nothing about the box
 */
export async function open(
  box: Uint8Array,
  binding: Binding,
  master: MasterKey,
  known?: KnownTextKeys,
): Promise<string | null> {
  if (box[0] !== FORMAT) return openFirstFormat(box, binding, master);
  const parts = partsOf(box);
  if (parts?.keyId !== master.id) return null;
  const keys = known?.get(parts.wrapped, master) ?? (await textKeys(parts, binding, master, known));
  return keys === null ? null : openText(parts, binding, keys);
}

/**
 * The same box under another master key: its data key is wrapped anew and its text left byte for byte. A box of format
 * 1, whose text knows the key, is sealed anew. Null when it does not open.
 *
 * @throws {AlgoError} `ALGO_KEY_UNUSABLE`
 */
export async function rewrap(
  box: Uint8Array,
  binding: Binding,
  from: MasterKey,
  to: MasterKey,
): Promise<Uint8Array | null> {
  if (box[0] !== FORMAT) {
    const plain = openFirstFormat(box, binding, from);
    return plain === null ? null : seal(plain, binding, to);
  }
  const parts = partsOf(box);
  if (parts?.keyId !== from.id) return null;
  const dataKey = await unwrapDataKey(parts.wrapped, from, wrapContext(binding, from.id));
  // The text is tried too: a new wrap must not make a damaged record look sound.
  if (dataKey === null || openText(parts, binding, textKeysOf(dataKey)) === null) return null;
  const wrapped = await wrapDataKey(Buffer.from(dataKey), to, wrapContext(binding, to.id));
  return boxOf(to.id, wrapped, parts.sealed);
}

/** Which key a box names; null when it is not a box of ours. */
export function keyIdOf(box: Uint8Array): string | null {
  const [format, length] = box;
  if ((format !== 1 && format !== FORMAT) || length === undefined || box.length < 2 + length) return null;
  return bytesOf(box).toString('utf8', 2, 2 + length);
}

/** Whether a box is as this version would write it under that key. */
export const isCurrent = (box: Uint8Array, keyId: string): boolean => box[0] === FORMAT && keyIdOf(box) === keyId;

interface BoxParts {
  readonly keyId: string;
  readonly wrapped: Buffer;
  /** The commitment and all after it. */
  readonly sealed: Buffer;
}

function partsOf(box: Uint8Array): BoxParts | null {
  const keyId = keyIdOf(box);
  const bytes = bytesOf(box);
  const lengthAt = 2 + (bytes[1] ?? 0);
  if (keyId === null || bytes.length < lengthAt + 2) return null;
  const sealedAt = lengthAt + 2 + bytes.readUInt16BE(lengthAt);
  if (bytes.length < sealedAt + COMMITMENT_BYTES + GCM_BYTES) return null;
  return { keyId, wrapped: bytes.subarray(lengthAt + 2, sealedAt), sealed: bytes.subarray(sealedAt) };
}

function boxOf(keyId: string, wrapped: Uint8Array, sealed: Uint8Array): Uint8Array {
  const id = Buffer.from(keyId, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(wrapped.length);
  return Buffer.concat([Buffer.from([FORMAT, id.length]), id, length, wrapped, sealed]);
}

async function textKeys(
  { wrapped }: BoxParts,
  binding: Binding,
  master: MasterKey,
  known: KnownTextKeys | undefined,
): Promise<TextKeys | null> {
  const dataKey = await unwrapDataKey(wrapped, master, wrapContext(binding, master.id));
  if (dataKey === null) return null;
  const keys = textKeysOf(dataKey);
  known?.put(wrapped, master, keys);
  return keys;
}

function openText({ sealed }: BoxParts, binding: Binding, { cipherKey, commitment }: TextKeys): string | null {
  if (!timingSafeEqual(sealed.subarray(0, COMMITMENT_BYTES), commitment)) return null;
  return decrypt(cipherKey, sealed.subarray(COMMITMENT_BYTES), textContext(binding))?.toString('utf8') ?? null;
}

/** A view, not a copy. */
const bytesOf = (box: Uint8Array): Buffer => Buffer.from(box.buffer, box.byteOffset, box.byteLength);
