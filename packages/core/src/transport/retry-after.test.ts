import { expect, test } from 'vitest';
import { retryAfterOf } from './retry-after.js';

test.each([
  ['2', 2_000],
  [' 30 ', 30_000],
  ['0', 0],
  ['0.5', 500],
  [null, null],
  ['', null],
  ['-1', null],
  ['soon', null],
  ['Fri, 20 Nov 2026 10:00:00 GMT', null],
  ['9999999999999999', null],
])('%j is %s ms', (header, ms) => {
  expect(retryAfterOf(header)).toBe(ms);
});
