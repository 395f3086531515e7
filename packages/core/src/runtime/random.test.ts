import { expect, test } from 'vitest';
import { systemRandom } from './random.js';

test('fills every byte of a target of any size', () => {
  const random = systemRandom();
  for (const size of [1, 13, 8_191, 8_192, 8_193, 100_000]) {
    const everSet = new Uint8Array(size);
    for (let round = 0; round < 12; round += 1) {
      const target = new Uint8Array(size);
      random.fill(target);
      for (let at = 0; at < size; at += 1) everSet[at]! |= target[at]!;
    }
    // Twelve rounds leave a byte at 0 with a chance of 2^-96.
    expect(everSet.every((byte) => byte !== 0)).toBe(true);
  }
});

test('fills nothing but its target', () => {
  const whole = new Uint8Array(30);
  for (let round = 0; round < 100; round += 1) systemRandom().fill(whole.subarray(10, 20));
  expect([...whole.subarray(0, 10), ...whole.subarray(20)].every((byte) => byte === 0)).toBe(true);
});

test('an empty target is no error', () => {
  expect(() => systemRandom().fill(new Uint8Array(0))).not.toThrow();
});

test('never gives the same bytes twice, within a block and across blocks', () => {
  const random = systemRandom();
  const seen = new Set<string>();
  for (let drawn = 0; drawn < 20_000; drawn += 1) {
    const target = new Uint8Array(13);
    random.fill(target);
    seen.add(Buffer.from(target).toString('hex'));
  }
  expect(seen.size).toBe(20_000);
});

test('what was handed out does not change when more is drawn', () => {
  const random = systemRandom();
  const first = new Uint8Array(16);
  random.fill(first);
  const before = [...first];
  random.fill(new Uint8Array(8_192));
  random.fill(new Uint8Array(8_192));
  expect([...first]).toEqual(before);
});

test('spreads bytes and fractions evenly', () => {
  const random = systemRandom();
  const bytes = new Uint8Array(256_000);
  random.fill(bytes);
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(750); // 1000 expected, 31 is one standard deviation
  expect(Math.max(...counts)).toBeLessThan(1_250);

  const tenths = new Uint32Array(10);
  for (let drawn = 0; drawn < 50_000; drawn += 1) {
    const fraction = random.fraction();
    if (!(fraction >= 0 && fraction < 1)) throw new Error(`${fraction} is no fraction`);
    tenths[Math.floor(fraction * 10)]! += 1;
  }
  expect(Math.min(...tenths)).toBeGreaterThan(4_500);
  expect(Math.max(...tenths)).toBeLessThan(5_500);
});
