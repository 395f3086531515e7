import { expect, test } from 'vitest';
import { FIRST_SETTLED, KIND_CODES, STATE_CODES } from './attempt-row.js';

test('the numbers in files that exist keep their meaning', () => {
  expect(STATE_CODES).toStrictEqual({
    INTENT: 0,
    SUBMITTING: 1,
    AMBIGUOUS: 2,
    ABSENT: 3,
    UNRESOLVED: 4,
    ACKNOWLEDGED: 5,
    REJECTED: 6,
    NOT_SENT: 7,
    FOUND: 8,
  });
  expect(KIND_CODES).toStrictEqual({ place: 0, modify: 1, cancel: 2 });
  expect(FIRST_SETTLED).toBe(5); // the literal in migration 001, or SQLite cannot use the partial index
});
