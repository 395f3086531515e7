import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../contract/key-provider.js';

/** What a sealed box belongs to. All of it is bound: a box moved to another row, or put back after a change, stays shut. */
export interface Binding {
  readonly userId: string;
  readonly broker: string;
  readonly account: string;
  /** What kind of record, `credential` or `session`. */
  readonly field: string;
  /** The record's version in its store. */
  readonly version: number;
}

const FORMAT = 1;
const IV_BYTES = 12;
/** Always explicit: without it Node accepts tags of 4 bytes, which can be forged (measured, reliability.md C). */
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Seals a text with AES-256-GCM under a data key of its own, which is sealed under the master key.
 *
 * Bytes: format (1) · key id length (1) · key id · record version (4, big endian) · wrapped data key (12 IV, 16 tag, 32)
 * · commitment (32) · IV (12) · tag (16) · text. From the data key HKDF-SHA-512 makes the cipher key and the
 * commitment, which shows a wrong key before anything is decrypted: GCM alone lets one text open under two keys.
 */
export function seal(plain: string, binding: Binding, master: MasterKey): Uint8Array {
  const id = Buffer.from(master.id, 'utf8');
  const dataKey = randomBytes(KEY_BYTES);
  const { cipherKey, commitment } = derive(dataKey);
  const version = Buffer.alloc(4);
  version.writeUInt32BE(binding.version);
  return Buffer.concat([
    Buffer.from([FORMAT, id.length]),
    id,
    version,
    encrypt(master.bytes, dataKey, associatedData('data-key', binding, master.id)),
    commitment,
    encrypt(cipherKey, Buffer.from(plain, 'utf8'), associatedData('text', binding, master.id)),
  ]);
}

/** Which key a box names; null when it is not a box of ours. */
export function keyIdOf(box: Uint8Array): string | null {
  const length = box[1];
  if (box[0] !== FORMAT || length === undefined || box.length < 2 + length) return null;
  return Buffer.from(box.subarray(2, 2 + length)).toString('utf8');
}

/** Opens a box; null when any byte of it, the binding or the key is not the one it was sealed with. */
export function open(box: Uint8Array, binding: Binding, master: MasterKey): string | null {
  try {
    return openOrThrow(Buffer.from(box), binding, master);
  } catch {
    return null; // every cause looks the same from outside: what exactly failed would help only a forger
  }
}

function openOrThrow(box: Buffer, binding: Binding, master: MasterKey): string | null {
  if (keyIdOf(box) !== master.id) return null;
  let at = 2 + (box[1] ?? 0);
  const take = (count: number): Buffer => box.subarray(at, (at += count));

  if (take(4).readUInt32BE() !== binding.version) return null;
  const wrapped = take(IV_BYTES + TAG_BYTES + KEY_BYTES);
  const dataKey = decrypt(master.bytes, wrapped, associatedData('data-key', binding, master.id));
  const { cipherKey, commitment } = derive(dataKey);
  if (!timingSafeEqual(take(KEY_BYTES), commitment)) return null;
  return decrypt(cipherKey, box.subarray(at), associatedData('text', binding, master.id)).toString('utf8');
}

function derive(dataKey: Buffer): { readonly cipherKey: Buffer; readonly commitment: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha512', dataKey, Buffer.alloc(0), 'algo sealed box 1', 2 * KEY_BYTES));
  return { cipherKey: bytes.subarray(0, KEY_BYTES), commitment: bytes.subarray(KEY_BYTES) };
}

function encrypt(key: Uint8Array, plain: Buffer, associated: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(associated);
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
}

function decrypt(key: Uint8Array, sealed: Buffer, associated: Buffer): Buffer {
  const iv = sealed.subarray(0, IV_BYTES);
  const tag = sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(associated);
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
}

/** Every part with its length before it, so that no two bindings give the same bytes. */
function associatedData(purpose: string, { userId, broker, account, field, version }: Binding, keyId: string): Buffer {
  const parts = ['algo', String(FORMAT), purpose, userId, broker, account, field, keyId, String(version)];
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
