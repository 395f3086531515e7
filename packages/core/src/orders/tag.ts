import type { Random } from '../runtime/random.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const RANDOM_LENGTH = 13;

/**
 * Our id of one attempt on the wire: 13 random characters (65 bits) and two that count the attempts of its order, all of
 * `A-Z2-7`. 15 is what the shortest broker field takes (Angel One). It is no secret and is made from none.
 */
export function newTag(random: Random, attempt: number): string {
  const bytes = new Uint8Array(RANDOM_LENGTH);
  random.fill(bytes);
  let tag = '';
  for (const byte of bytes) tag += ALPHABET.charAt(byte & 31);
  return tag + ALPHABET.charAt((attempt >> 5) & 31) + ALPHABET.charAt(attempt & 31);
}
