import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;

/** Whether the six digits are right now, one step ago or one step ahead (RFC 6238, SHA-1, 30 s). */
export function isCurrentTotp(secret: string, digits: string, atMs: number): boolean {
  return [-1, 0, 1].some((step) => totpAt(secret, atMs + step * STEP_MS) === digits);
}

/** The six digits an authenticator would show at the instant. The secret is base32. */
export function totpAt(secret: string, atMs: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / STEP_MS)));
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0x0f;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text.toUpperCase().replace(/[=\s]/g, '')) {
    value = ((value << 5) | BASE32.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 0xff);
    }
  }
  return Buffer.from(bytes);
}

/** A new secret of 32 letters from a source of chance. */
export function newTotpSecret(random: () => number): string {
  return Array.from({ length: 32 }, () => BASE32[Math.floor(random() * 32)] ?? 'A').join('');
}
