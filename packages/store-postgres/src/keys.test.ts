import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idText, originalText, storedText, userKey } from './keys.js';

/** Texts full of what needs an escape, and of what one is made of. */
const texts = fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', '0', '1', 'a', '\\', '👩‍🚀'), maxLength: 12 });

test('every text comes back as it was, and none is stored with a NUL', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(storedText(text)).not.toContain('\0');
      expect(originalText(storedText(text))).toBe(text);
    }),
  );
});

test('texts that differ are stored differently, and so are their keys', () => {
  fc.assert(
    fc.property(texts, texts, (one, other) => {
      expect(storedText(one) === storedText(other)).toBe(one === other);
      expect(userKey(one).equals(userKey(other))).toBe(one === other);
    }),
  );
});

test('a text without NUL and SOH is stored as it is', () => {
  for (const text of ['', 'u1', `o'brien"; --`, '\\x00', 'उपयोगकर्ता', '\u001f']) expect(storedText(text)).toBe(text);
});

test('refuses half of a surrogate pair, which has no UTF-8', () => {
  const invalid = (field: string) =>
    expect.objectContaining({
      code: 'ALGO_INVALID_INPUT',
      details: { problems: [expect.objectContaining({ field })] },
    });
  expect(() => userKey('u\ud800')).toThrow(invalid('userId'));
  expect(() => idText('tag', '\udc00')).toThrow(invalid('tag'));
});
