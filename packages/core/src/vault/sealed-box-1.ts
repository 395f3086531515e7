import { hkdfSync, timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../contract/key-provider.js';
import type { Binding } from './binding.js';
import { decrypt } from './gcm.js';

/** IV, tag and data key. */
const WRAPPED_BYTES = 12 + 16 + 32;
const COMMITMENT_BYTES = 32;

/**
 * Opens a box as version 0.1 wrote it; nothing writes this format any more. Null when it does not open.
 *
 * Bytes: 1 (1) · key id length (1) · key id · record version (4, big endian) · wrapped data key (60) · commitment (32) ·
 * IV (12) · tag (16) · text. Both texts are bound to the key id, so another master key needs the text sealed anew.
 */
export function openFirstFormat(box: Uint8Array, binding: Binding, master: MasterKey): string | null {
  const id = Buffer.from(master.id, 'utf8');
  const bytes = Buffer.from(box.buffer, box.byteOffset, box.byteLength);
  const start = Buffer.concat([Buffer.from([1, id.length]), id, unsigned(binding.version)]);
  if (!('bytes' in master) || !bytes.subarray(0, start.length).equals(start)) return null;
  const wrapped = bytes.subarray(start.length, start.length + WRAPPED_BYTES);
  const commitmentAt = start.length + WRAPPED_BYTES;
  const textAt = commitmentAt + COMMITMENT_BYTES;
  if (bytes.length < textAt) return null;
  const dataKey = decrypt(master.bytes, wrapped, associatedData('data-key', binding, master.id));
  if (dataKey === null) return null;
  const keys = Buffer.from(hkdfSync('sha512', dataKey, Buffer.alloc(0), 'algo sealed box 1', 64));
  if (!timingSafeEqual(bytes.subarray(commitmentAt, textAt), keys.subarray(32))) return null;
  const text = decrypt(keys.subarray(0, 32), bytes.subarray(textAt), associatedData('text', binding, master.id));
  return text?.toString('utf8') ?? null;
}

/** Every part with its length before it, so that no two bindings give the same bytes. */
function associatedData(
  purpose: 'data-key' | 'text',
  { userId, broker, account, field, version }: Binding,
  keyId: string,
): Buffer {
  const parts = ['algo', '1', purpose, userId, broker, account, field, keyId, String(version)];
  return Buffer.concat(
    parts.map((part) => Buffer.concat([unsigned(Buffer.byteLength(part, 'utf8')), Buffer.from(part, 'utf8')])),
  );
}

function unsigned(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
