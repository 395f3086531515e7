import { setImmediate as turn } from 'node:timers/promises';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import type { RateWindow } from '../contract/rate-limits.js';
import { isAlgoError } from '../errors/algo-error.js';
import { Deadline } from '../resilience/deadline.js';
import { RateLimiter } from '../resilience/rate-limiter.js';
import type { Urgency } from '../resilience/urgency.js';
import { createTicker } from '../runtime/ticker.js';
import type { Ticker } from '../runtime/ticker.js';
import { Lane } from './lane.js';
import type { Permit } from './lane.js';

interface Asked {
  readonly urgency?: Urgency;
  readonly family?: string;
  readonly deadlineMs?: number;
}

interface Bench {
  readonly clock: FakeClock;
  readonly ticker: Ticker;
  readonly lane: Lane;
  /** Names in the order in which they got in. */
  readonly entered: string[];
  readonly refused: Map<string, string>;
  enter(name: string, asked?: Asked): Permit | Promise<Permit>;
  permitOf(name: string): Permit;
  limiterOf(family: string): RateLimiter;
}

function bench(
  sockets: number,
  keptForExits = 0,
  windows: Readonly<Record<string, readonly RateWindow[]>> = {},
): Bench {
  const clock = createFakeClock();
  const ticker = createTicker(clock);
  const monotonic = (): number => clock.monotonic();
  const lane = new Lane({ sockets, keptForExits }, monotonic, ticker);
  const limiters = new Map(Object.entries(windows).map(([family, held]) => [family, new RateLimiter(held)]));
  const entered: string[] = [];
  const refused = new Map<string, string>();
  const permits = new Map<string, Permit>();
  const keep = (name: string, permit: Permit): void => {
    entered.push(name);
    permits.set(name, permit);
  };
  return {
    clock,
    ticker,
    lane,
    entered,
    refused,
    enter(name, { urgency = 'entry', family = 'orders', deadlineMs = 5_000 } = {}) {
      const limiter = limiters.get(family) ?? new RateLimiter([]);
      limiters.set(family, limiter);
      const deadline = new Deadline(deadlineMs, monotonic, ticker);
      const got = lane.enter({ urgency, family, limiter, deadline });
      if (!(got instanceof Promise)) keep(name, got);
      else {
        got.then(
          (permit) => keep(name, permit),
          (error: unknown) => refused.set(name, isAlgoError(error) ? error.code : String(error)),
        );
      }
      return got;
    },
    limiterOf(family) {
      const limiter = limiters.get(family);
      if (limiter === undefined) throw new Error(`${family} is not known`);
      return limiter;
    },
    permitOf(name) {
      const permit = permits.get(name);
      if (permit === undefined) throw new Error(`${name} has not entered`);
      return permit;
    },
  };
}

async function settle(): Promise<void> {
  for (let count = 0; count < 6; count += 1) await turn();
}

test('a call that need not wait passes without a promise', () => {
  const { enter, lane } = bench(2);
  expect(enter('a')).not.toBeInstanceOf(Promise);
  expect(enter('b')).not.toBeInstanceOf(Promise);
  expect(enter('c')).toBeInstanceOf(Promise);
  expect(lane.busy).toBe(2);
  expect(lane.waiting).toBe(1);
});

test('never lets out more calls than there are sockets', async () => {
  const { enter, entered, lane, permitOf } = bench(3);
  for (let count = 0; count < 20; count += 1) void enter(`c${count}`);
  await settle();
  expect(entered).toHaveLength(3);
  for (let count = 0; count < 20; count += 1) {
    expect(lane.busy).toBeLessThanOrEqual(3);
    permitOf(`c${count}`).release();
    await settle();
  }
  expect(entered).toEqual(Array.from({ length: 20 }, (_, count) => `c${count}`)); // first come, first served
  expect(lane.busy).toBe(0);
  expect(lane.waiting).toBe(0);
});

test('keeps its last socket for exits', async () => {
  const { enter, entered } = bench(2, 1);
  void enter('entry 1');
  void enter('entry 2');
  await settle();
  expect(entered).toEqual(['entry 1']);
  expect(enter('exit', { urgency: 'exit' })).not.toBeInstanceOf(Promise);
});

test('reads do not get the socket that is kept for exits either', () => {
  const { enter } = bench(2, 1);
  void enter('a', { urgency: 'read' });
  expect(enter('b', { urgency: 'read' })).toBeInstanceOf(Promise);
});

test('an exit passes all entries that wait', async () => {
  const { enter, entered, permitOf } = bench(1);
  void enter('first');
  void enter('entry 1');
  void enter('entry 2');
  void enter('exit', { urgency: 'exit' });
  await settle();
  permitOf('first').release();
  await settle();
  expect(entered).toEqual(['first', 'exit']);
  permitOf('exit').release();
  await settle();
  expect(entered).toEqual(['first', 'exit', 'entry 1']);
});

test('an entry that comes while an exit waits for room does not slip in before it', async () => {
  const { enter, entered, permitOf } = bench(1);
  void enter('first');
  void enter('exit', { urgency: 'exit' });
  await settle();
  permitOf('first').release();
  void enter('late entry');
  await settle();
  expect(entered).toEqual(['first', 'exit']);
});

test('exits keep their order among themselves', async () => {
  const { enter, entered, permitOf } = bench(1);
  void enter('first');
  for (const name of ['x1', 'x2', 'x3']) void enter(name, { urgency: 'exit' });
  await settle();
  for (const name of ['first', 'x1', 'x2', 'x3']) {
    permitOf(name).release();
    await settle();
  }
  expect(entered).toEqual(['first', 'x1', 'x2', 'x3']);
});

test('who waits past its deadline is told so then, leaves the line, and never enters after', async () => {
  const { enter, entered, refused, clock, lane, permitOf } = bench(1);
  void enter('first', { deadlineMs: 60_000 });
  void enter('short', { deadlineMs: 100 });
  void enter('next', { deadlineMs: 60_000 });
  await clock.advance(96);
  expect(refused.size).toBe(0);
  await clock.advance(8);
  await settle();
  expect(refused.get('short')).toBe('ALGO_DEADLINE');
  expect(lane.waiting).toBe(1);

  permitOf('first').release();
  await settle();
  expect(entered).toEqual(['first', 'next']);
  permitOf('next').release();
  await settle();
  expect(entered).toEqual(['first', 'next']);
  expect(lane.busy).toBe(0);
});

test('one who leaves from the middle of the line holds nobody up', async () => {
  const { enter, entered, refused, clock, permitOf } = bench(1);
  void enter('first', { deadlineMs: 60_000 });
  void enter('a', { deadlineMs: 60_000 });
  void enter('gone', { deadlineMs: 50 });
  void enter('b', { deadlineMs: 60_000 });
  await clock.advance(100);
  for (const name of ['first', 'a']) {
    permitOf(name).release();
    await settle();
  }
  expect(refused.get('gone')).toBe('ALGO_DEADLINE');
  expect(entered).toEqual(['first', 'a', 'b']);
});

test('waits for the rate window when the deadline allows it', async () => {
  const { enter, entered, clock } = bench(8, 0, { orders: [{ limit: 1, perMs: 1_000 }] });
  void enter('a');
  void enter('b');
  await clock.advance(996);
  expect(entered).toEqual(['a']);
  await clock.advance(8);
  await settle();
  expect(entered).toEqual(['a', 'b']);
});

test.each([
  [5, 4],
  [4, 4],
])(
  'of %d places entries and modifies take %d, and leave one to a cancel where there is one to spare',
  async (limit, taken) => {
    const { enter, entered } = bench(8, 1, { orders: [{ limit, perMs: 1_000 }] });
    for (let count = 1; count < limit; count += 1) void enter(`entry ${count}`);
    void enter('modify', { urgency: 'modify' });
    await settle();
    expect(entered).toHaveLength(taken);

    void enter('cancel', { urgency: 'cancel' });
    await settle();
    expect(entered.includes('cancel')).toBe(taken < limit);
  },
);

test.each([1, 5])('a cancel that waits goes before %d entries when the rate window frees a place', async (entries) => {
  const { enter, entered, clock } = bench(8, 1, { orders: [{ limit: 1, perMs: 1_000 }] });
  void enter('first', { deadlineMs: 60_000 });
  for (let count = 1; count <= entries; count += 1) void enter(`entry ${count}`, { deadlineMs: 60_000 });
  await settle(); // the first entry is at the head of its line, with an alarm of its own
  await clock.advance(10);
  void enter('cancel', { urgency: 'exit', deadlineMs: 60_000 });
  await settle();

  await clock.advance(1_000);
  await settle();
  expect(entered).toEqual(['first', 'cancel']);
  await clock.advance(1_000);
  await settle();
  expect(entered).toEqual(['first', 'cancel', 'entry 1']);
});

test('entries go on at the next window when the cancel before them gave up', async () => {
  const { enter, entered, refused, clock } = bench(8, 1, { orders: [{ limit: 1, perMs: 1_000 }] });
  void enter('first', { deadlineMs: 60_000 });
  void enter('entry', { deadlineMs: 60_000 });
  await settle();
  void enter('cancel', { urgency: 'exit', deadlineMs: 1_500 });
  void enter('second cancel', { urgency: 'exit', deadlineMs: 1_500 });
  await clock.advance(1_004);
  await settle();
  await clock.advance(600);
  await settle();
  expect(refused.get('second cancel')).toBe('ALGO_RATE_LIMITED');
  await clock.advance(600);
  await settle();
  expect(entered).toEqual(['first', 'cancel', 'entry']);
});

test('who got in when a socket was given back takes no second place as its own alarm rings in the same tick', async () => {
  const { enter, entered, ticker, clock, lane, permitOf } = bench(3, 0, { orders: [{ limit: 2, perMs: 100 }] });
  const deadlineMs = 60_000;
  void enter('a', { deadlineMs });
  void enter('b', { deadlineMs });
  void enter('other', { family: 'free', deadlineMs });
  permitOf('a').release();
  ticker.at(100, () => permitOf('other').release()); // asked for before the alarm of the one that waits
  void enter('waits', { deadlineMs });
  await settle();
  await clock.advance(104);
  await settle();
  expect(entered).toEqual(['a', 'b', 'other', 'waits']);
  permitOf('b').release();
  permitOf('waits').release();
  expect(lane.busy).toBe(0);
});

test('is refused at once when the window frees no place before the deadline', async () => {
  const { enter, refused, clock } = bench(8, 0, { orders: [{ limit: 1, perMs: 60_000 }] });
  void enter('a');
  const waiting = enter('b', { deadlineMs: 5_000 });
  await expect(waiting).rejects.toMatchObject({
    code: 'ALGO_RATE_LIMITED',
    details: { family: 'orders', retryAfterMs: 60_000 },
  });
  expect(clock.monotonic()).toBe(0);
  expect(refused.get('b')).toBe('ALGO_RATE_LIMITED');
});

test('a family that waits for its window holds no other family up', async () => {
  const { enter, entered } = bench(8, 0, { slow: [{ limit: 1, perMs: 60_000 }] });
  void enter('slow 1', { family: 'slow' });
  void enter('slow 2', { family: 'slow', deadlineMs: 120_000 });
  await settle();
  expect(enter('quick', { family: 'quick' })).not.toBeInstanceOf(Promise);
  expect(entered).toEqual(['slow 1', 'quick']);
});

test('families take turns at the sockets', async () => {
  const { enter, entered, permitOf } = bench(1);
  void enter('first');
  for (const name of ['a1', 'a2', 'a3']) void enter(name, { family: 'a' });
  for (const name of ['b1', 'b2']) void enter(name, { family: 'b' });
  for (const name of ['first', 'a1', 'b1', 'a2', 'b2']) {
    permitOf(name).release();
    await settle();
  }
  expect(entered).toEqual(['first', 'a1', 'b1', 'a2', 'b2', 'a3']);
});

test('a place that frees goes to cancels, then exits, modifies, entries, reads and data', async () => {
  const { enter, entered, clock } = bench(8, 0, { all: [{ limit: 1, perMs: 1_000 }] });
  const ranks = ['data', 'read', 'entry', 'modify', 'exit', 'cancel'] as const;
  void enter('first', { family: 'all', deadlineMs: 60_000 });
  for (const urgency of ranks) void enter(urgency, { urgency, family: 'all', deadlineMs: 60_000 });
  for (let second = 0; second < 7; second += 1) {
    await clock.advance(1_004);
    await settle();
  }
  expect(entered).toEqual(['first', ...ranks.toReversed()]);
});

test('an entry that comes just when a place frees does not take it from a cancel that waits for it', async () => {
  const { enter, entered, clock } = bench(8, 0, { orders: [{ limit: 1, perMs: 1_000 }] });
  await clock.advance(1);
  void enter('first', { deadlineMs: 60_000 });
  void enter('cancel', { urgency: 'cancel', deadlineMs: 60_000 });
  await clock.advance(1_001); // free since a millisecond; the alarm of the cancel rings in two
  void enter('entry', { deadlineMs: 60_000 });
  await settle();
  expect(entered).toEqual(['first']);
  await clock.advance(4);
  await settle();
  expect(entered).toEqual(['first', 'cancel']);
});

test('a socket that frees goes to them in the same order, whatever their family', async () => {
  const { enter, entered, permitOf } = bench(1);
  const ranks = ['data', 'read', 'entry', 'modify', 'exit', 'cancel'] as const;
  void enter('first');
  for (const urgency of ranks) void enter(urgency, { urgency, family: urgency });
  for (const name of ['first', 'cancel', 'exit', 'modify', 'entry', 'read']) {
    permitOf(name).release();
    await settle();
  }
  expect(entered).toEqual(['first', ...ranks.toReversed()]);
});

test('who waits learns at once that a slowed-down family has no place before its deadline', async () => {
  const { enter, refused, limiterOf, clock } = bench(8, 0, { orders: [{ limit: 1, perMs: 1_000 }] });
  void enter('a');
  void enter('b', { deadlineMs: 3_000 });
  await settle();
  limiterOf('orders').slowDown(clock.monotonic(), 60_000);
  await clock.advance(1_004);
  await settle();
  expect(refused.get('b')).toBe('ALGO_RATE_LIMITED');
});

test('who waits for room takes no place in the rate window', async () => {
  const { enter, entered, clock, permitOf } = bench(1, 0, { orders: [{ limit: 2, perMs: 1_000 }] });
  void enter('a', { deadlineMs: 60_000 });
  void enter('gone', { deadlineMs: 100 });
  await clock.advance(200);
  permitOf('a').release();
  await settle();
  expect(enter('b', { deadlineMs: 60_000 })).not.toBeInstanceOf(Promise);
  expect(entered).toEqual(['a', 'b']);
});

test('releasing twice frees one socket, not two', async () => {
  const { enter, entered, lane, permitOf } = bench(2);
  void enter('a');
  void enter('b');
  void enter('c');
  void enter('d');
  await settle();
  permitOf('a').release();
  permitOf('a').release();
  await settle();
  expect(entered).toEqual(['a', 'b', 'c']);
  expect(lane.busy).toBe(2);
});

test('a call whose time is over before it asks is not let in, room or not', async () => {
  const { enter, clock, lane, permitOf } = bench(1);
  void enter('first', { deadlineMs: 60_000 });
  const late = enter('late', { deadlineMs: 1 });
  await clock.advance(20);
  permitOf('first').release();
  await expect(late).rejects.toMatchObject({ code: 'ALGO_DEADLINE', effect: 'none' });
  await settle();
  expect(lane.busy).toBe(0);
});

test('every call that asks either enters or is told why not, whatever happens', async () => {
  const { enter, entered, refused, clock, lane, permitOf } = bench(3, 1, {
    orders: [
      { limit: 4, perMs: 100 },
      { limit: 10, perMs: 1_000 },
    ],
  });
  const asked = Array.from({ length: 120 }, (_, at) => `c${at}`);
  const released = new Set<string>();
  for (const [at, name] of asked.entries()) {
    const urgency = at % 5 === 0 ? 'exit' : 'entry';
    void enter(name, { urgency, deadlineMs: 50 + ((at * 37) % 4_000) });
    if (at % 3 === 0) await clock.advance(7);
    for (const inside of entered) if (!released.has(inside) && released.add(inside)) permitOf(inside).release();
    expect(lane.busy).toBeLessThanOrEqual(3);
  }
  for (let round = 0; round < 400 && entered.length + refused.size < asked.length; round += 1) {
    await clock.advance(20);
    for (const inside of entered) if (!released.has(inside) && released.add(inside)) permitOf(inside).release();
  }
  await settle();
  expect(new Set([...entered, ...refused.keys()])).toEqual(new Set(asked));
  expect(entered.length + refused.size).toBe(asked.length);
  for (const inside of entered) permitOf(inside).release();
  expect(lane.busy).toBe(0);
  expect(lane.waiting).toBe(0);
});
