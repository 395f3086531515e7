import { expect, test } from 'vitest';
import { linesOf } from './lines.js';

const lines = (text: string): readonly (string | null)[] => [...linesOf(Buffer.from(text))];

test('lines come without their ends, without a byte order mark and without empty ones', () => {
  expect(lines('\ufeffa\r\nb\n\n\r\nc')).toEqual(['a', 'b', 'c']);
  expect(lines('')).toEqual([]);
});

test('a line too long to be a row is not decoded', () => {
  expect(lines(`a\n${'x'.repeat(16_385)}\nb`)).toEqual(['a', null, 'b']);
  expect(lines('x'.repeat(16_384))).toEqual(['x'.repeat(16_384)]);
});

test('a part of a larger buffer is read as that part alone', () => {
  expect([...linesOf(Buffer.from('junk\na\nb\njunk').subarray(5, 9))]).toEqual(['a', 'b']);
});
