import { describe, expect, test } from 'vitest';
import { AlgoError } from '../src/errors/algo-error.js';
import { AccountReader } from '../src/routing/account-reads.js';
import { ReadRouter } from '../src/routing/read-router.js';
import { routed, unreachable } from './failover-support.js';
import type { Routed } from './failover-support.js';
import type { FailoverStrategy } from '../src/routing/failover-strategy.js';

interface Reading extends Routed {
  readonly reads: ReadRouter<Routed['one']>;
  readonly accounts: AccountReader;
}

function reading(strategy: Partial<FailoverStrategy> | null = {}): Reading {
  const setting = routed(strategy);
  const { router, clock } = setting;
  return {
    ...setting,
    reads: new ReadRouter({ router, clock }),
    accounts: new AccountReader({ clock, choose: (wanted) => router.choose(wanted) }),
  };
}

const INSTRUMENT = 'NSE:RELIANCE';
const CANDLES = { instrument: INSTRUMENT, interval: '1m', fromMs: 0, toMs: 60_000 } as const;

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'answered',
    (error: unknown) => (error instanceof AlgoError ? error.code : error),
  );

describe('market data', () => {
  test('comes from the primary, and says so', async () => {
    const { reads, one, two, clock } = reading();
    const quotes = await reads.quotes([INSTRUMENT]);
    expect(quotes).toMatchObject({ from: one.ref, asOfMs: clock.now(), stale: false });
    expect(quotes.value).toMatchObject([{ instrument: INSTRUMENT, lastPrice: 100 }]);
    expect(two.asked).toEqual([]);
  });

  test('a primary that is down costs no try', async () => {
    const { reads, one, two, news } = reading();
    one.down();
    expect(await reads.quotes([INSTRUMENT])).toMatchObject({ from: two.ref, stale: false });
    expect(one.asked).toEqual([]);
    expect(news()).toEqual([]); // no rule moved anything
  });

  test('a call that fails goes on at once, for quotes and candles', async () => {
    const { reads, one, two, clock } = reading();
    one.answer = unreachable();
    const began = clock.monotonic();
    expect(await reads.quotes([INSTRUMENT])).toMatchObject({ from: two.ref });
    expect(await reads.candles(CANDLES)).toMatchObject({ from: two.ref, stale: false });
    expect(clock.monotonic()).toBe(began);
  });

  test('one that never answers is left after a second, and the last one has all the time there is', async () => {
    const { reads, one, two, three, clock } = reading();
    one.answer = 'hangs';
    two.answer = 'hangs';
    three.tookMs = 6_000;
    const began = clock.monotonic();
    expect(await clock.runUntil(reads.quotes([INSTRUMENT]), { stepMs: 10 })).toMatchObject({ from: three.ref });
    expect(clock.monotonic() - began).toBeLessThanOrEqual(8_010);
    expect(one.asked).toEqual([{ what: 'quotes', limit: { deadlineMs: 1_000, tries: 1 } }]);
    expect(three.asked).toEqual([{ what: 'quotes', limit: { deadlineMs: 8_000, tries: null } }]);
  });

  test('the only one is not hurried, and tries as often as it does by itself', async () => {
    const { reads, one, two, three } = reading();
    two.down();
    three.down();
    await reads.quotes([INSTRUMENT]);
    expect(one.asked).toEqual([{ what: 'quotes', limit: { deadlineMs: 10_000, tries: null } }]);
  });

  test('when all hang it ends at the one deadline, not at one each', async () => {
    const { reads, one, two, three, clock } = reading();
    for (const connection of [one, two, three]) connection.answer = 'hangs';
    const began = clock.monotonic();
    expect(await clock.runUntil(codeOf(reads.quotes([INSTRUMENT])), { stepMs: 10 })).toBe('ALGO_ALL_BROKERS_DOWN');
    expect(clock.monotonic() - began).toBeLessThanOrEqual(10_010);
  });

  test('a connection that a rule matches is asked last', async () => {
    const { reads, one, two } = reading({ rules: [{ on: 'TIMEOUT', then: 'QUEUE' }] });
    one.traffic = { misses60s: 3, calls5m: 10, failures5m: 3 };
    expect(await reads.quotes([INSTRUMENT])).toMatchObject({ from: two.ref });
    two.down();
    expect(await reads.quotes([INSTRUMENT])).toMatchObject({ from: { broker: 'three' } });
  });

  test('what one broker does not have another may', async () => {
    const { reads, one, two } = reading();
    one.answer = new AlgoError('ALGO_UNKNOWN_INSTRUMENT', { instrument: INSTRUMENT, broker: 'one' });
    expect(await reads.quotes([INSTRUMENT])).toMatchObject({ from: two.ref });
  });

  test('what every broker says no to is that no, and no old value', async () => {
    const { reads, one, two, three, news } = reading();
    await reads.quotes([INSTRUMENT]);
    for (const connection of [one, two, three]) {
      connection.answer = new AlgoError('ALGO_NO_DATA', { broker: connection.broker, brokerCode: null });
    }
    expect(await codeOf(reads.quotes([INSTRUMENT]))).toBe('ALGO_NO_DATA');
    expect(news()).toEqual([]);
  });

  test("bad input is the caller's, and asks nobody else", async () => {
    const { reads, one, two } = reading();
    one.answer = new AlgoError('ALGO_INVALID_INPUT', { problems: [] });
    expect(await codeOf(reads.candles(CANDLES))).toBe('ALGO_INVALID_INPUT');
    expect(two.asked).toEqual([]);
  });

  test('without a strategy it is the only connection, whose own failure is told', async () => {
    const { reads, connections, one } = reading(null);
    expect(await codeOf(reads.quotes([INSTRUMENT]))).toBe('ALGO_CONNECTION_UNCLEAR');
    connections.splice(1);
    one.answer = unreachable();
    expect(await codeOf(reads.quotes([INSTRUMENT]))).toBe('ALGO_BROKER_UNREACHABLE');
  });

  test('while the only one logs in again it is waited for', async () => {
    const { reads, one, two, three } = reading();
    two.down();
    three.down();
    one.state = { status: 'connecting' };
    expect(await reads.quotes([INSTRUMENT])).toMatchObject({ from: one.ref, stale: false });
  });
});

describe('with every broker down', () => {
  test('market data is the last that was known, marked stale, with where and when it is from', async () => {
    const { reads, one, two, three, clock, news } = reading();
    await reads.quotes([INSTRUMENT]);
    await reads.candles(CANDLES);
    const asOfMs = clock.now();
    await clock.advance(5_000);
    one.down();
    two.answer = unreachable('two');
    three.down();
    expect(await reads.quotes([INSTRUMENT, 'NSE:OTHER'])).toMatchObject({
      value: [{ instrument: INSTRUMENT, lastPrice: 100 }],
      from: one.ref,
      asOfMs,
      stale: true,
    });
    two.down();
    expect(await reads.candles(CANDLES)).toMatchObject({ from: one.ref, asOfMs, stale: true });
    expect(news()).toEqual(['brokers-down']);
    expect(await codeOf(reads.quotes(['NSE:OTHER']))).toBe('ALGO_ALL_BROKERS_DOWN');
    expect(await codeOf(reads.quotes([INSTRUMENT], 'full'))).toBe('ALGO_ALL_BROKERS_DOWN');
    expect(news()).toEqual([]);
  });

  test('of quotes from several moments it tells the oldest', async () => {
    const { reads, one, two, three, clock } = reading();
    await reads.quotes(['NSE:A']);
    const first = clock.now();
    await clock.advance(1_000);
    one.down();
    await reads.quotes(['NSE:B']);
    two.down();
    three.down();
    expect(await reads.quotes(['NSE:B', 'NSE:A'])).toMatchObject({ asOfMs: first, from: one.ref, stale: true });
  });

  test('nothing is kept once it is dropped', async () => {
    const { reads, one, two, three } = reading();
    await reads.quotes([INSTRUMENT]);
    reads.clear();
    for (const connection of [one, two, three]) connection.down();
    expect(await codeOf(reads.quotes([INSTRUMENT]))).toBe('ALGO_ALL_BROKERS_DOWN');
  });

  test('no more than a thousand quotes are kept', async () => {
    const { reads, one, two, three } = reading();
    await reads.quotes(Array.from({ length: 1_001 }, (_, at) => `NSE:S${at}`));
    for (const connection of [one, two, three]) connection.down();
    expect(await codeOf(reads.quotes(['NSE:S0']))).toBe('ALGO_ALL_BROKERS_DOWN');
    expect(await codeOf(reads.quotes(['NSE:S1']))).toBe('answered');
  });
});

describe('balanced reads', () => {
  test('are spread evenly over the healthy ones', async () => {
    const { reads, one, two, three } = reading({ reads: 'balance' });
    two.down();
    for (let count = 0; count < 30; count += 1) await reads.quotes([INSTRUMENT]);
    expect([one, two, three].map(({ asked }) => asked.length)).toEqual([15, 0, 15]);
  });

  test('go to whoever has the fewest under way', async () => {
    const { reads, one, two, three, clock } = reading({ reads: 'balance' });
    one.tookMs = 900;
    const calls = Array.from({ length: 3 }, () => reads.quotes([INSTRUMENT]));
    for (let count = 0; count < 10; count += 1) await reads.quotes([INSTRUMENT]);
    expect(one.asked).toHaveLength(1);
    expect(two.asked.length + three.asked.length).toBe(12);
    await clock.runUntil(Promise.all(calls), { stepMs: 10 });
  });
});

describe('account reads', () => {
  test('stay with their account: no other one stands in for it', async () => {
    const { accounts, one, two, three } = reading({ rules: [{ on: 'ERROR_RATE', then: 'SWITCH' }] });
    one.answer = unreachable();
    expect(await codeOf(accounts.funds(one.ref))).toBe('ALGO_BROKER_UNREACHABLE');
    expect(await codeOf(accounts.positions())).toBe('ALGO_BROKER_UNREACHABLE');
    expect([...two.asked, ...three.asked]).toEqual([]);
  });

  test('give the last that was known of that account, marked stale', async () => {
    const { accounts, one, two, clock } = reading();
    two.available = 5;
    const fresh = await accounts.funds();
    expect(fresh).toMatchObject({ from: one.ref, stale: false, value: { available: 1_000 } });
    await accounts.funds(two.ref);
    await clock.advance(1_000);
    one.answer = unreachable();
    expect(await accounts.funds()).toEqual({ ...fresh, stale: true });
    expect(await codeOf(accounts.orders())).toBe('ALGO_BROKER_UNREACHABLE'); // never read before
    two.answer = unreachable();
    expect((await accounts.funds(two.ref)).value.available).toBe(5);
  });

  test('still know an account whose connection was ended', async () => {
    const { accounts, connections, two } = reading();
    await accounts.orders(two.ref);
    connections.splice(1, 1);
    expect(await accounts.orders(two.ref)).toMatchObject({ from: two.ref, stale: true });
    expect(await codeOf(accounts.orders({ broker: 'two', account: 'other' }))).toBe('ALGO_NOT_CONNECTED');
  });

  test('give what the broker says when it answers no', async () => {
    const { accounts, one } = reading();
    await accounts.holdings();
    one.answer = new AlgoError('ALGO_WRONG_ACCOUNT', { broker: 'one', account: 'main' });
    expect(await codeOf(accounts.holdings())).toBe('ALGO_WRONG_ACCOUNT');
  });

  test('forget an account whose credentials changed, what is being read included', async () => {
    const { accounts, one, two, clock } = reading();
    await accounts.funds(two.ref);
    await accounts.funds(one.ref);
    one.tookMs = 100;
    const underway = accounts.positions(one.ref);
    accounts.forget(one.ref);
    await clock.runUntil(underway, { stepMs: 10 });
    one.tookMs = 0;
    one.answer = unreachable();
    two.answer = unreachable();
    expect(await codeOf(accounts.funds(one.ref))).toBe('ALGO_BROKER_UNREACHABLE');
    expect(await codeOf(accounts.positions(one.ref))).toBe('ALGO_BROKER_UNREACHABLE');
    expect(await accounts.funds(two.ref)).toMatchObject({ stale: true });
    accounts.clear();
    expect(await codeOf(accounts.funds(two.ref))).toBe('ALGO_BROKER_UNREACHABLE');
  });
});
