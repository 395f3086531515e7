import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ATTEMPT_STATES } from '../contract/order-journal.js';
import type { AttemptState } from '../contract/order-journal.js';
import { nextAttemptState, UNSETTLED } from './attempt.js';
import type { AttemptEvent } from './attempt.js';

const EVENTS: readonly AttemptEvent[] = [
  'claimed',
  'acknowledged',
  'rejected',
  'proven-unsent',
  'lost-sight',
  'found',
  'absent',
  'unresolved',
];

/** Written by hand from the design: every arrow there is. What is not here must not exist. */
const DESIGNED = new Map<string, AttemptState>([
  ['INTENT claimed', 'SUBMITTING'],
  ['INTENT proven-unsent', 'NOT_SENT'],
  ['SUBMITTING acknowledged', 'ACKNOWLEDGED'],
  ['SUBMITTING rejected', 'REJECTED'],
  ['SUBMITTING proven-unsent', 'NOT_SENT'],
  ['SUBMITTING lost-sight', 'AMBIGUOUS'],
  ['AMBIGUOUS found', 'FOUND'],
  ['AMBIGUOUS absent', 'ABSENT'],
  ['AMBIGUOUS unresolved', 'UNRESOLVED'],
  ['UNRESOLVED found', 'FOUND'],
  ['UNRESOLVED absent', 'ABSENT'],
  ['ABSENT found', 'FOUND'],
]);

const pairs = ATTEMPT_STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const));

test.each(pairs)('%s, %s', (state, event) => {
  expect(nextAttemptState(state, event)).toBe(DESIGNED.get(`${state} ${event}`) ?? null);
});

function walk(from: AttemptState, events: readonly AttemptEvent[]): AttemptState[] {
  const path: AttemptState[] = [from];
  let state = from;
  for (const event of events) {
    state = nextAttemptState(state, event) ?? state;
    path.push(state);
  }
  return path;
}

test('what may have been sent never becomes not sent or rejected by any road', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<AttemptState>('AMBIGUOUS', 'UNRESOLVED'),
      fc.array(fc.constantFrom(...EVENTS)),
      (from, events) => {
        const path = walk(from, events);
        expect(path).not.toContain('NOT_SENT');
        expect(path).not.toContain('REJECTED');
        expect(path).not.toContain('INTENT');
        expect(path).not.toContain('SUBMITTING');
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a claim happens once, and only its own proof or the broker’s word ends it as failed', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 20 }), (events) => {
      const path = walk('INTENT', events);
      const claims = path.filter((state, at) => state === 'SUBMITTING' && path[at - 1] === 'INTENT');
      expect(claims.length).toBeLessThanOrEqual(1);
      for (const [at, state] of path.entries()) {
        const before = path[at - 1];
        if (state === before || before === undefined) continue;
        if (state === 'NOT_SENT') expect(events[at - 1]).toBe('proven-unsent');
        if (state === 'REJECTED') expect([before, events[at - 1]]).toEqual(['SUBMITTING', 'rejected']);
        if (state === 'ABSENT') expect(events[at - 1]).toBe('absent');
      }
    }),
    { numRuns: 1_000 },
  );
});

test('an order that was found, taken, refused or never sent stays so', () => {
  for (const state of ['ACKNOWLEDGED', 'REJECTED', 'NOT_SENT', 'FOUND'] as const) {
    for (const event of EVENTS) expect(nextAttemptState(state, event)).toBeNull();
  }
});

test('unsettled are exactly the states in which the broker may have it without our knowing', () => {
  expect([...UNSETTLED].sort()).toEqual(['AMBIGUOUS', 'SUBMITTING', 'UNRESOLVED']);
});
