import { setImmediate as turn } from 'node:timers/promises';
import { createFakeClock } from '@algo/testkit';
import { expect, test } from 'vitest';
import type { BudgetRequest, BudgetStore } from '../contract/budget-store.js';
import type { RateLimits } from '../contract/rate-limits.js';
import { EMPTY_BUDGET, grantPlaces, pausePlaces } from '../stores/budget-grants.js';
import type { BudgetState } from '../stores/budget-grants.js';
import { Deadline } from '../resilience/deadline.js';
import type { Urgency } from '../resilience/urgency.js';
import { silentLogger } from '../runtime/logger.js';
import { createTicker } from '../runtime/ticker.js';
import { Lane } from './lane.js';
import type { Permit } from './lane.js';
import { RateDesk } from './rate-desk.js';
import type { ConnectionRates, UserRates } from './rate-desk.js';

const U1 = { userId: 'u1', broker: 'dhan', account: 'main', address: '203.0.113.7' };
const FIVE: RateLimits = { orders: [{ limit: 5, perMs: 1_000 }], reads: [{ limit: 8, perMs: 1_000 }] };

/** A store of budgets that answers, is slow, fails or hangs as a test says. */
class Budgets implements BudgetStore {
  readonly asked: BudgetRequest[] = [];
  readonly paused: string[] = [];
  how: 'answers' | 'fails' | 'hangs' = 'answers';
  readonly #states = new Map<string, BudgetState>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async take(request: BudgetRequest) {
    this.asked.push(request);
    if (this.how === 'fails') throw new Error('gone');
    if (this.how === 'hangs') return new Promise<never>(() => undefined);
    const { state, grant } = grantPlaces(this.#states.get(request.scope) ?? EMPTY_BUDGET, request, this.#now());
    this.#states.set(request.scope, state);
    return grant;
  }

  async pause(scope: string, forMs: number): Promise<void> {
    this.paused.push(scope);
    this.#states.set(scope, pausePlaces(this.#states.get(scope) ?? EMPTY_BUDGET, forMs, this.#now()));
  }
}

function bench(options: { readonly shared?: boolean; readonly limitsOf?: (userId: string) => UserRates } = {}) {
  const clock = createFakeClock();
  const ticker = createTicker(clock);
  const budgets = new Budgets(() => clock.now());
  const desk = (): RateDesk => {
    const shared = options.shared === true ? budgets : null;
    const { limitsOf = () => ({}) } = options;
    return new RateDesk({ clock, ticker, logger: silentLogger, budgets: shared, limitsOf });
  };
  const monotonic = (): number => clock.monotonic();
  const goes = (rates: ConnectionRates, family = 'orders', segment?: string): boolean =>
    rates.of('orders', family, segment)?.take(clock.monotonic(), 0, 'entry') === 0;
  const lane = new Lane({ sockets: 50, keptForExits: 0 }, monotonic, ticker);
  const enter = (rates: ConnectionRates, urgency: Urgency = 'entry', deadlineMs = 5_000): Promise<Permit> => {
    const family = urgency === 'read' ? 'reads' : 'orders';
    const limiter = rates.of(urgency === 'read' ? 'reads' : 'orders', family);
    if (limiter === null) throw new Error('no such family');
    const deadline = new Deadline(deadlineMs, monotonic, ticker);
    return Promise.resolve(lane.enter({ urgency, family, limiter, deadline })).finally(() => deadline.done());
  };
  return { clock, budgets, desk, goes, enter };
}

/** Counts how many of so many tries go at once. */
const count = (tries: number, goes: () => boolean): number =>
  Array.from({ length: tries }, goes).filter(Boolean).length;

async function settle(): Promise<void> {
  for (let round = 0; round < 6; round += 1) await turn();
}

test('two connections of one account count in the same windows, two accounts do not', () => {
  const { desk, goes } = bench();
  const rates = desk();
  const first = rates.ratesOf(U1, FIVE);
  const second = rates.ratesOf(U1, FIVE);
  const other = rates.ratesOf({ ...U1, account: 'other' }, FIVE);

  expect(count(3, () => goes(first))).toBe(3);
  expect(count(9, () => goes(second))).toBe(2);
  expect(count(9, () => goes(other))).toBe(5);
});

test('no account reads as another by its name', () => {
  const { desk, goes } = bench();
  const rates = desk();
  const odd = rates.ratesOf({ ...U1, userId: 'u1/dhan', broker: 'main', account: 'x' }, FIVE);
  const plain = rates.ratesOf({ ...U1, userId: 'u1', broker: 'dhan', account: 'main/x' }, FIVE);
  expect(count(9, () => goes(odd))).toBe(5);
  expect(count(9, () => goes(plain))).toBe(5);
});

test('closing and opening a connection again gives no place back', () => {
  const { desk, goes, clock } = bench();
  const rates = desk();
  const before = rates.ratesOf(U1, FIVE);
  expect(count(9, () => goes(before))).toBe(5);
  before.close();

  expect(count(9, () => goes(rates.ratesOf(U1, FIVE)))).toBe(0);
  expect(clock.monotonic()).toBe(0);
});

test('what nobody holds and has run out is forgotten', async () => {
  const { desk, goes, clock } = bench();
  const rates = desk();
  for (let round = 0; round < 20; round += 1) {
    for (let user = 0; user < 100; user += 1) {
      const one = rates.ratesOf({ ...U1, userId: `u${round}-${user}` }, FIVE);
      goes(one);
      one.close();
    }
    await clock.advance(2_000);
  }
  expect(rates.size).toBeLessThan(600);
});

test('windows of an address are shared by all that leave from it, and by nobody else', () => {
  const limits: RateLimits = { orders: [{ limit: 4, perMs: 1_000, per: 'address' }] };
  const { desk, goes } = bench();
  const rates = desk();
  const mine = rates.ratesOf(U1, limits);
  const neighbour = rates.ratesOf({ ...U1, userId: 'u2' }, limits);
  const elsewhere = rates.ratesOf({ ...U1, userId: 'u3', address: '203.0.113.8' }, limits);

  expect(count(3, () => goes(mine))).toBe(3);
  expect(count(9, () => goes(neighbour))).toBe(1);
  expect(count(9, () => goes(elsewhere))).toBe(4);
});

test('exchange segments are counted apart where the broker does so, and together in the other windows', () => {
  const limits: RateLimits = {
    orders: [
      { limit: 3, perMs: 1_000, bySegment: true },
      { limit: 5, perMs: 1_000 },
    ],
  };
  const { desk, goes } = bench();
  const rates = desk().ratesOf(U1, limits);
  expect(count(9, () => goes(rates, 'orders', 'NSE'))).toBe(3);
  expect(count(9, () => goes(rates, 'orders', 'NFO'))).toBe(2);
});

test('a user has the windows that the host sets, over all brokers', () => {
  const limitsOf = (userId: string): UserRates => (userId === 'u1' ? { orders: [{ limit: 3, perMs: 1_000 }] } : {});
  const { desk, goes } = bench({ limitsOf });
  const rates = desk();
  const dhan = rates.ratesOf(U1, FIVE);
  const angel = rates.ratesOf({ ...U1, broker: 'angel' }, FIVE);
  const other = rates.ratesOf({ ...U1, userId: 'u2' }, FIVE);
  expect(count(9, () => goes(dhan)) + count(9, () => goes(angel))).toBe(3);
  expect(count(9, () => goes(other))).toBe(5);
});

test('a family that is slowed down leaves the others alone', () => {
  const { desk, goes } = bench();
  const rates = desk().ratesOf(U1, FIVE);
  goes(rates);
  rates.slowDown('orders', null);
  expect(goes(rates)).toBe(false);
  expect(goes(rates, 'reads')).toBe(true);
  expect(rates.report()).toMatchObject([
    { family: 'orders', waitMs: 1_000, shared: false },
    { family: 'reads', waitMs: 0, shared: false },
  ]);
});

test('a family that the table does not name has no windows', () => {
  const { desk } = bench();
  const rates = desk().ratesOf(U1, FIVE);
  expect(rates.of('reads', 'nothing')).toBeNull();
  expect(rates.of('reads', 'constructor')).toBeNull();
});

test('processes of one store share an account: together they send what one may', async () => {
  const { desk, enter, clock } = bench({ shared: true });
  const sentAt: number[] = [];
  const processes = [1, 2, 3, 4].map(() => desk().ratesOf(U1, FIVE));
  for (const rates of processes) {
    for (let one = 0; one < 5; one += 1) {
      enter(rates, 'entry', 60_000).then(
        (permit) => {
          sentAt.push(clock.monotonic());
          permit.release();
        },
        () => undefined,
      );
    }
  }
  for (let at = 0; at < 12_000; at += 4) {
    await clock.advance(4);
    if (at % 40 === 0) await settle();
  }

  expect(sentAt).toHaveLength(20);
  for (let at = 0; at + 5 < sentAt.length; at += 1) {
    expect((sentAt[at + 5] ?? 0) - (sentAt[at] ?? 0)).toBeGreaterThanOrEqual(1_000);
  }
});

test('a lone order waits for one answer of the store, and asks for no more than itself', async () => {
  const { desk, enter, budgets } = bench({ shared: true });
  const entering = enter(desk().ratesOf(U1, FIVE));
  await settle();
  await entering; // without a tick of the clock
  expect(budgets.asked).toMatchObject([{ places: 1, scope: 'account/u1/dhan/main/orders', holdMs: 250 }]);
});

test('places that are not used in time are lost, not used later', async () => {
  const { desk, enter, goes, budgets, clock } = bench({ shared: true });
  const rates = desk().ratesOf(U1, { orders: [{ limit: 100, perMs: 1_000 }] });
  for (let one = 0; one < 4; one += 1) await enter(rates);
  await settle();
  const asked = budgets.asked.length;
  expect(goes(rates)).toBe(true); // asked for ahead
  await clock.advance(300);
  expect(goes(rates)).toBe(false);
  expect(budgets.asked.length).toBeGreaterThan(asked);
});

test.each(['fails', 'hangs'] as const)('when the store %s, entries are refused by their deadline', async (how) => {
  const { desk, enter, budgets, clock } = bench({ shared: true });
  budgets.how = how;
  const entry = enter(desk().ratesOf(U1, FIVE), 'entry', 3_000);
  const ended = entry.then(
    () => null,
    (error: unknown) => error,
  );
  for (let at = 0; at < 4_000; at += 100) {
    await clock.advance(100);
    await settle();
  }
  expect(await ended).toMatchObject({ code: 'ALGO_RATE_LIMITED', details: { local: true } });
  expect(budgets.asked.length).toBeLessThan(10); // and the store is not stormed
});

test('while the store fails, reads and cancels go on with a quarter of the limit', async () => {
  const { desk, goes, enter, budgets, clock } = bench({ shared: true });
  budgets.how = 'fails';
  const rates = desk().ratesOf(U1, { ...FIVE, orders: [{ limit: 8, perMs: 1_000 }] });
  const now = (): number => clock.monotonic();
  rates.of('reads', 'reads')?.take(now(), 0, 'read');
  goes(rates); // both now know that the store is silent
  await settle();

  expect(count(9, () => rates.of('reads', 'reads')?.take(now(), 0, 'read') === 0)).toBe(2);
  expect(count(9, () => rates.of('orders', 'orders')?.take(now(), 0, 'cancel') === 0)).toBe(2);
  expect(goes(rates)).toBe(false);

  budgets.how = 'answers';
  await clock.advance(1_500);
  const entry = enter(rates);
  await settle();
  await entry; // and the store is believed again as soon as it answers
});

test('a deadline that the budget cannot meet is told at once', async () => {
  const { desk, enter, clock } = bench({ shared: true });
  const limits: RateLimits = { orders: [{ limit: 1, perMs: 60_000 }] };
  await enter(desk().ratesOf(U1, limits));
  const second = enter(desk().ratesOf(U1, limits), 'entry', 5_000); // another process
  const refused = expect(second).rejects.toMatchObject({ code: 'ALGO_RATE_LIMITED' });
  await settle();
  await refused;
  expect(clock.monotonic()).toBe(0);
});

test('a pause that the broker wants holds for the other processes too', async () => {
  const { desk, goes, budgets, clock } = bench({ shared: true });
  const mine = desk().ratesOf(U1, FIVE);
  const theirs = desk().ratesOf(U1, FIVE);
  goes(mine);
  await settle();
  mine.slowDown('orders', 2_000);
  await settle();
  expect(budgets.paused).toEqual(['account/u1/dhan/main/orders']);
  goes(theirs);
  await settle();
  await clock.advance(1_900);
  expect(goes(theirs)).toBe(false);
});

test('a store of this process alone is never asked', () => {
  const { desk, goes, budgets } = bench();
  expect(goes(desk().ratesOf(U1, FIVE))).toBe(true);
  expect(budgets.asked).toEqual([]);
});
