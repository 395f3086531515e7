import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
/** Always explicit: without it Node accepts tags of 4 bytes, which can be forged (measured, reliability.md C). */
const TAG_BYTES = 16;

/** How much longer than its text a sealed text is. */
export const GCM_BYTES = IV_BYTES + TAG_BYTES;

/** Seals with AES-256-GCM under a random IV: IV (12) · tag (16) · text. */
export function encrypt(key: Uint8Array, plain: Uint8Array, associated: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(associated);
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), text]);
}

/** Null when the key, the associated data or any byte is not the one it was sealed with. */
export function decrypt(key: Uint8Array, sealed: Buffer, associated: Uint8Array): Buffer | null {
  try {
    const iv = sealed.subarray(0, IV_BYTES);
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(associated);
    decipher.setAuthTag(sealed.subarray(IV_BYTES, GCM_BYTES));
    const text = decipher.update(sealed.subarray(GCM_BYTES));
    decipher.final(); // gives no more text in this mode: it checks the tag
    return text;
  } catch {
    return null; // every cause looks the same from outside: what exactly failed would help only a forger
  }
}
