import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BREAKER_DEFAULTS, CircuitBreaker } from './circuit-breaker.js';
import type { BreakerState, CallResult } from './circuit-breaker.js';
import type { Urgency } from './urgency.js';

/** No jitter, so that times can be written down. */
const exact = { ...BREAKER_DEFAULTS, jitter: 0 };
const half = (): number => 0.5;

const readBreaker = (): CircuitBreaker => new CircuitBreaker(exact, half);
const orderBreaker = (): CircuitBreaker => new CircuitBreaker({ ...exact, entriesOnTrial: true }, half);

function call(breaker: CircuitBreaker, urgency: Urgency, result: CallResult, nowMs: number): void {
  expect(breaker.pass(urgency, nowMs)).toBe(0);
  breaker.record(urgency, result, nowMs, breaker.epoch);
}

function calls(breaker: CircuitBreaker, count: number, result: CallResult, nowMs: number): void {
  for (let done = 0; done < count; done += 1) call(breaker, 'read', result, nowMs);
}

/** Opens it at `nowMs` for the first time. */
function opened(breaker: CircuitBreaker, nowMs = 0): CircuitBreaker {
  calls(breaker, 5, 'failure', nowMs);
  expect(breaker.state).toEqual({ kind: 'open', untilMs: nowMs + 15_000, openings: 1 });
  return breaker;
}

/** An order breaker after its two good probes. */
function onTrial(): CircuitBreaker {
  const breaker = opened(orderBreaker());
  call(breaker, 'read', 'success', 15_000);
  call(breaker, 'read', 'success', 15_001);
  expect(breaker.state).toEqual({ kind: 'trial', openings: 1, unknownInRow: 0 });
  return breaker;
}

test('stays closed for four failures in a row and opens at the fifth', () => {
  const breaker = readBreaker();
  calls(breaker, 4, 'failure', 0);
  expect(breaker.state.kind).toBe('closed');
  calls(breaker, 1, 'failure', 0);
  expect(breaker.state.kind).toBe('open');
});

test('counts an unknown outcome like an outage', () => {
  const breaker = readBreaker();
  calls(breaker, 5, 'unknown', 0);
  expect(breaker.state.kind).toBe('open');
});

test('a success in between begins the row anew', () => {
  const breaker = new CircuitBreaker({ ...exact, failureShare: 2 }, half);
  for (let round = 0; round < 10; round += 1) {
    calls(breaker, 4, 'failure', 0);
    calls(breaker, 1, 'success', 0);
  }
  expect(breaker.state.kind).toBe('closed');
});

test('opens when half of eight calls failed, and not before there were eight', () => {
  const breaker = readBreaker();
  for (const result of ['success', 'failure', 'success', 'failure', 'success', 'failure', 'success'] as const) {
    call(breaker, 'read', result, 0);
  }
  expect(breaker.state.kind).toBe('closed'); // 3 of 7
  call(breaker, 'read', 'failure', 0);
  expect(breaker.state.kind).toBe('open'); // 4 of 8
});

test('does not open below half', () => {
  const breaker = readBreaker();
  calls(breaker, 5, 'success', 0);
  for (let round = 0; round < 100; round += 1) {
    calls(breaker, 2, 'failure', 0);
    calls(breaker, 3, 'success', 0);
  }
  expect(breaker.state.kind).toBe('closed');
});

test('forgets what is older than thirty seconds', () => {
  const breaker = readBreaker();
  calls(breaker, 4, 'failure', 0);
  calls(breaker, 1, 'success', 0);
  calls(breaker, 3, 'success', 30_000); // the first five are forgotten
  calls(breaker, 4, 'failure', 30_000); // 4 of 7
  expect(breaker.state.kind).toBe('closed');
});

test('still counts what is younger than twenty-five seconds', () => {
  const breaker = readBreaker();
  calls(breaker, 4, 'success', 4_000);
  calls(breaker, 3, 'failure', 4_000);
  calls(breaker, 1, 'failure', 28_999); // 4 of 8 within 25 s
  expect(breaker.state.kind).toBe('open');
});

test('empties every slice after a long silence', () => {
  const breaker = readBreaker();
  for (let slice = 0; slice < 3; slice += 1) {
    call(breaker, 'read', 'failure', slice * 5_000);
    call(breaker, 'read', 'success', slice * 5_000);
  }
  call(breaker, 'read', 'success', 10_000_000);
  call(breaker, 'read', 'failure', 10_000_000);
  expect(breaker.state.kind).toBe('closed'); // 1 of 2, not 4 of 8
});

test('open, it refuses reads and entries until its time is over', () => {
  const breaker = opened(orderBreaker());
  for (const nowMs of [0, 1, 14_999]) {
    expect(breaker.pass('read', nowMs)).toBe(15_000);
    expect(breaker.pass('entry', nowMs)).toBe(15_000);
  }
});

test('open, it lets exits pass one at a time', () => {
  const breaker = opened(orderBreaker());
  expect(breaker.pass('exit', 1)).toBe(0);
  expect(breaker.pass('exit', 2)).toBe(15_000);
  breaker.record('exit', 'failure', 3, breaker.epoch);
  expect(breaker.pass('exit', 4)).toBe(0);
  breaker.record('exit', 'success', 5, breaker.epoch);
  expect(breaker.state).toEqual({ kind: 'open', untilMs: 15_000, openings: 1 });
});

test('half-open, it lets one read at a time and exits, and no entry', () => {
  const breaker = opened(orderBreaker());
  expect(breaker.pass('read', 15_000)).toBe(0);
  expect(breaker.state).toEqual({ kind: 'half-open', openings: 1, goodProbes: 0 });
  expect(breaker.pass('read', 15_000)).toBe(16_000);
  expect(breaker.pass('entry', 15_000)).toBe(16_000);
  expect(breaker.pass('exit', 15_000)).toBe(0);
  expect(breaker.pass('exit', 15_000)).toBe(16_000);
});

test('an entry asked for after the open time does not get through as the probe', () => {
  const breaker = opened(orderBreaker());
  expect(breaker.pass('entry', 20_000)).toBeGreaterThan(20_000);
  expect(breaker.state.kind).toBe('half-open');
});

test('two good probes close a read lane', () => {
  const breaker = opened(readBreaker());
  call(breaker, 'read', 'success', 15_000);
  expect(breaker.state).toEqual({ kind: 'half-open', openings: 1, goodProbes: 1 });
  call(breaker, 'read', 'success', 15_000);
  expect(breaker.state).toEqual({ kind: 'closed' });
});

test('a closed breaker has forgotten the failures that opened it', () => {
  const breaker = opened(readBreaker());
  calls(breaker, 2, 'success', 15_000);
  calls(breaker, 4, 'failure', 15_000);
  expect(breaker.state.kind).toBe('closed');
});

test('an exit that works while half-open is no probe', () => {
  const breaker = opened(orderBreaker());
  for (let round = 0; round < 5; round += 1) call(breaker, 'exit', 'success', 15_000);
  expect(breaker.state).toEqual({ kind: 'half-open', openings: 1, goodProbes: 0 });
});

test.each(['failure', 'unknown'] as const)('a probe that ends in %s opens it for longer', (result) => {
  const breaker = opened(readBreaker());
  call(breaker, 'read', 'success', 15_000);
  call(breaker, 'read', result, 15_000);
  expect(breaker.state).toEqual({ kind: 'open', untilMs: 15_000 + 30_000, openings: 2 });
});

test('stays open fifteen seconds times the openings, three hundred at most', () => {
  const breaker = opened(readBreaker());
  const lengths: number[] = [];
  let now = 15_000;
  for (let round = 0; round < 25; round += 1) {
    call(breaker, 'read', 'failure', now);
    if (breaker.state.kind !== 'open') throw new Error('must be open');
    lengths.push(breaker.state.untilMs - now);
    now = breaker.state.untilMs;
  }
  expect(lengths.slice(0, 4)).toEqual([30_000, 45_000, 60_000, 75_000]);
  expect(lengths.slice(18)).toEqual(lengths.slice(18).map(() => 300_000));
});

/** Opened twice, and closed again at 45 s. */
function closedAgain(): CircuitBreaker {
  const breaker = opened(readBreaker());
  call(breaker, 'read', 'failure', 15_000);
  calls(breaker, 2, 'success', 45_000);
  expect(breaker.state.kind).toBe('closed');
  return breaker;
}

test('one that opens again within sixty seconds of its closing goes on counting', () => {
  const breaker = closedAgain();
  calls(breaker, 5, 'failure', 105_000);
  expect(breaker.state).toEqual({ kind: 'open', untilMs: 105_000 + 45_000, openings: 3 });
});

test('after sixty healthy seconds it counts its openings from one', () => {
  const breaker = closedAgain();
  calls(breaker, 5, 'failure', 105_001);
  expect(breaker.state).toEqual({ kind: 'open', untilMs: 105_001 + 15_000, openings: 1 });
});

test('a broker that answers its probes and fails again at once is left alone for longer each time', () => {
  const breaker = readBreaker();
  const lengths: number[] = [];
  let now = 0;
  for (let round = 0; round < 25; round += 1) {
    calls(breaker, 5, 'failure', now);
    if (breaker.state.kind !== 'open') throw new Error('must be open');
    lengths.push(breaker.state.untilMs - now);
    now = breaker.state.untilMs;
    calls(breaker, 2, 'success', now);
    expect(breaker.state.kind).toBe('closed');
  }
  expect(lengths.slice(0, 3)).toEqual([15_000, 30_000, 45_000]);
  expect(lengths.at(-1)).toBe(300_000);
});

test('opened by hand it refuses for that long, lets exits pass, and is then tried like any other', () => {
  const breaker = orderBreaker();
  breaker.open(5_000, 1_000);
  expect(breaker.state).toEqual({ kind: 'open', untilMs: 6_000, openings: 1, manual: true });
  expect(breaker.pass('entry', 5_999)).toBe(6_000);
  expect(breaker.pass('exit', 5_999)).toBe(0);
  call(breaker, 'read', 'success', 6_000);
  expect(breaker.state).toEqual({ kind: 'half-open', openings: 1, goodProbes: 1 });
});

test('opened by hand without an end it stays so until it is closed by hand, and says when to ask again', () => {
  const breaker = readBreaker();
  breaker.open(null, 0);
  for (const now of [0, 1e9, 1e12]) expect(breaker.pass('read', now)).toBe(now + 300_000);
  expect(breaker.tryFromMs).toBe(Infinity);
  breaker.close();
  expect(breaker.state).toEqual({ kind: 'closed' });
  calls(breaker, 5, 'failure', 1);
  expect(breaker.state).toMatchObject({ openings: 1 });
});

test('closed by hand it forgets how often it had opened', () => {
  const breaker = opened(readBreaker());
  breaker.close();
  calls(breaker, 5, 'failure', 10);
  expect(breaker.state).toMatchObject({ kind: 'open', openings: 1 });
});

test('tells of every change once, with the state before', () => {
  const told: string[] = [];
  const onChange = (state: BreakerState, previous: BreakerState): void =>
    void told.push(`${previous.kind} ${state.kind}`);
  const breaker = new CircuitBreaker({ ...exact, entriesOnTrial: true }, half, onChange);
  calls(breaker, 6 - 1, 'failure', 0);
  calls(breaker, 2, 'success', 15_000);
  call(breaker, 'entry', 'success', 15_001);
  breaker.close();
  breaker.open(1_000, 15_002);
  breaker.close();
  expect(told).toEqual([
    'closed open',
    'open half-open',
    'half-open trial',
    'trial closed',
    'closed open',
    'open closed',
  ]);
});

test('says from when it may be tried, and turns half-open by then though nobody calls', () => {
  const breaker = readBreaker();
  expect(breaker.tryFromMs).toBe(Infinity);
  opened(breaker);
  expect(breaker.tryFromMs).toBe(15_000);
  breaker.wake(14_999);
  expect(breaker.state.kind).toBe('open');
  breaker.wake(15_000);
  expect(breaker.state.kind).toBe('half-open');
  expect(breaker.tryFromMs).toBe(-Infinity);
  breaker.pass('read', 15_000);
  expect(breaker.tryFromMs).toBe(Infinity); // somebody tries it already
});

test('spreads the open time by a fifth either way', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (fraction) => {
      const breaker = new CircuitBreaker(BREAKER_DEFAULTS, () => fraction);
      calls(breaker, 5, 'failure', 1_000);
      if (breaker.state.kind !== 'open') throw new Error('must be open');
      const length = breaker.state.untilMs - 1_000;
      expect(length).toBeGreaterThanOrEqual(12_000);
      expect(length).toBeLessThanOrEqual(18_000);
      expect(length).toBeCloseTo(12_000 + 6_000 * fraction, 3);
    }),
    { numRuns: 200 },
  );
});

test('two good probes put an order lane on trial, where entries go one at a time', () => {
  const breaker = onTrial();
  expect(breaker.pass('entry', 15_002)).toBe(0);
  expect(breaker.pass('entry', 15_003)).toBe(16_003);
  expect(breaker.pass('exit', 15_003)).toBe(0);
});

test('an acknowledged entry ends the trial', () => {
  const breaker = onTrial();
  call(breaker, 'entry', 'success', 16_000);
  expect(breaker.state).toEqual({ kind: 'closed' });
  expect(breaker.pass('entry', 16_001)).toBe(0);
  expect(breaker.pass('entry', 16_001)).toBe(0);
});

test('an exit that works does not end the trial', () => {
  const breaker = onTrial();
  call(breaker, 'exit', 'success', 16_000);
  expect(breaker.state.kind).toBe('trial');
});

test('three unknown outcomes in a row end the trial the other way', () => {
  const breaker = onTrial();
  call(breaker, 'entry', 'unknown', 16_000);
  call(breaker, 'entry', 'unknown', 16_001);
  expect(breaker.state).toEqual({ kind: 'trial', openings: 1, unknownInRow: 2 });
  call(breaker, 'entry', 'unknown', 16_002);
  expect(breaker.state).toEqual({ kind: 'open', untilMs: 16_002 + 30_000, openings: 2 });
});

test('an outage on trial opens it at once', () => {
  const breaker = onTrial();
  call(breaker, 'entry', 'failure', 16_000);
  expect(breaker.state).toEqual({ kind: 'open', untilMs: 46_000, openings: 2 });
});

test('a call that never left gives its place back and judges nothing', () => {
  const breaker = opened(orderBreaker());
  expect(breaker.pass('read', 15_000)).toBe(0);
  const before = breaker.state;
  breaker.release('read', breaker.epoch);
  expect(breaker.state).toEqual(before);
  expect(breaker.pass('read', 15_001)).toBe(0);

  const closed = readBreaker();
  for (let count = 0; count < 50; count += 1) {
    closed.pass('entry', 0);
    closed.release('entry', closed.epoch);
  }
  expect(closed.state.kind).toBe('closed');
});

test('results of calls that began before it opened neither close it nor open it for longer', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom<Urgency>('entry', 'read', 'exit'),
          fc.constantFrom<CallResult>('success', 'failure', 'unknown'),
        ),
      ),
      (late) => {
        const breaker = orderBreaker();
        for (const [urgency] of late) breaker.pass(urgency, 0);
        const { epoch } = breaker;
        opened(breaker);
        expect(breaker.pass('exit', 50)).toBe(0);
        for (const [urgency, result] of late) breaker.record(urgency, result, 100, epoch);
        expect(breaker.state).toEqual({ kind: 'open', untilMs: 15_000, openings: 1 });
        expect(breaker.pass('exit', 101)).toBeGreaterThan(0); // the exit of this state is still under way
      },
    ),
    { numRuns: 200 },
  );
});

test.each(['success', 'failure', 'unknown'] as const)(
  'a late %s of a call before the opening neither closes a half-open breaker nor opens it anew',
  (result) => {
    const breaker = orderBreaker();
    for (const urgency of ['entry', 'exit', 'read'] as const) breaker.pass(urgency, 0);
    const { epoch } = breaker;
    opened(breaker);
    call(breaker, 'read', 'success', 15_000);
    expect(breaker.pass('read', 15_001)).toBe(0);
    for (const urgency of ['entry', 'exit', 'read'] as const) breaker.record(urgency, result, 15_002, epoch);
    expect(breaker.state).toEqual({ kind: 'half-open', openings: 1, goodProbes: 1 });
    expect(breaker.pass('read', 15_003)).toBeGreaterThan(0); // the second probe is still under way
  },
);

test('a late result of a call before the opening is no word on the trial, nor on the time after it', () => {
  const breaker = orderBreaker();
  breaker.pass('entry', 0);
  const first = breaker.epoch;
  opened(breaker);
  breaker.pass('exit', 50);
  const whileOpen = breaker.epoch;
  call(breaker, 'read', 'success', 15_000);
  call(breaker, 'read', 'success', 15_001);

  expect(breaker.pass('entry', 15_002)).toBe(0);
  breaker.record('entry', 'success', 15_003, first);
  breaker.record('exit', 'failure', 15_004, whileOpen);
  expect(breaker.state).toEqual({ kind: 'trial', openings: 1, unknownInRow: 0 });
  expect(breaker.pass('entry', 15_005)).toBeGreaterThan(0); // the one on trial has not come back

  breaker.record('entry', 'success', 15_006, breaker.epoch);
  for (let late = 0; late < 5; late += 1) breaker.record('entry', 'failure', 15_007, first);
  expect(breaker.state).toEqual({ kind: 'closed' });
});

test('a place that a late call gives back is not the place of the one under way now', () => {
  const breaker = orderBreaker();
  breaker.pass('exit', 0);
  const { epoch } = breaker;
  opened(breaker);
  expect(breaker.pass('exit', 1)).toBe(0);
  breaker.release('exit', epoch);
  expect(breaker.pass('exit', 2)).toBeGreaterThan(0);
});

test('never lets an entry through while open or half-open, whatever happened before', () => {
  const step = fc.record({
    urgency: fc.constantFrom<Urgency>('entry', 'exit', 'read'),
    result: fc.constantFrom<CallResult>('success', 'failure', 'unknown'),
    afterMs: fc.integer({ min: 0, max: 20_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const breaker = orderBreaker();
      let now = 0;
      for (const { urgency, result, afterMs } of steps) {
        now += afterMs;
        const refusedUntil = breaker.pass(urgency, now);
        const { kind } = breaker.state;
        if (urgency === 'entry' && (kind === 'open' || kind === 'half-open')) expect(refusedUntil).toBeGreaterThan(now);
        if (kind === 'closed') expect(refusedUntil).toBe(0);
        if (refusedUntil === 0) breaker.record(urgency, result, now, breaker.epoch);
      }
    }),
    { numRuns: 500 },
  );
});
