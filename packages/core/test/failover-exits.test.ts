import { expect, test } from 'vitest';
import type { Holding, Position } from '../src/domain/portfolio.js';
import type { Product } from '../src/domain/vocabulary.js';
import { AlgoError } from '../src/errors/algo-error.js';
import { AccountReader } from '../src/routing/account-reads.js';
import { findExitHolder } from '../src/routing/exit-holder.js';
import type { ConnectionRef } from '../src/domain/order.js';
import { routed, unreachable } from './failover-support.js';
import type { Routed } from './failover-support.js';

const INSTRUMENT = 'NSE:RELIANCE';

const position = (quantity: number, product: Product = 'MIS', instrument = INSTRUMENT): Position => ({
  instrument,
  symbol: instrument,
  product,
  quantity,
  boughtQuantity: 0,
  soldQuantity: 0,
  averageBuyPrice: 0,
  averageSellPrice: 0,
  realizedProfit: 0,
  unrealizedProfit: 0,
});

const holding = (availableQuantity: number): Holding => ({
  instrument: INSTRUMENT,
  symbol: INSTRUMENT,
  isin: null,
  quantity: 100,
  availableQuantity,
  pledgedQuantity: 0,
  averagePrice: 0,
  lastPrice: null,
});

interface Exiting extends Routed {
  readonly accounts: AccountReader;
  readonly find: (changes?: Partial<Parameters<typeof findExitHolder>[0]>) => Promise<ConnectionRef>;
}

function exiting(hasStrategy = true): Exiting {
  const setting = routed(hasStrategy ? {} : null);
  const { router, clock, connections } = setting;
  const accounts = new AccountReader({ clock, choose: (wanted) => router.choose(wanted) });
  const serving = (): ConnectionRef | null => router.status()?.serving ?? null;
  const options = { clock, accounts, connections: () => connections, serving };
  const exit = { instrument: INSTRUMENT, side: 'SELL', quantity: 10, product: 'MIS' } as const;
  const find: Exiting['find'] = (changes) => findExitHolder({ ...exit, ...changes }, options);
  return { ...setting, accounts, find };
}

const unclear = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) =>
    error instanceof AlgoError && error.code === 'ALGO_CONNECTION_UNCLEAR' ? 'unclear' : error,
  );

test('an exit goes to the account that holds the position, wherever calls go now', async () => {
  const { find, two, one, clock } = exiting();
  one.positionsHeld = [position(0), position(50, 'NRML'), position(50, 'MIS', 'NSE:OTHER'), position(-50)];
  two.positionsHeld = [position(10)];
  expect(await find()).toEqual(two.ref);
  expect(clock.timers).toBe(0);
});

test('a short position is closed by a buy', async () => {
  const { find, one, three } = exiting();
  one.positionsHeld = [position(10)];
  three.positionsHeld = [position(-10)];
  expect(await find({ side: 'BUY' })).toEqual(three.ref);
});

test('shares in the depository are held as well, and only shares', async () => {
  const { find, one, two } = exiting();
  one.positionsHeld = [position(10, 'MIS')];
  two.holdingsHeld = [holding(10)];
  expect(await find({ product: 'CNC' })).toEqual(two.ref);
  expect(await find()).toEqual(one.ref);
  two.holdingsHeld = [holding(0)]; // all of them pledged
  expect(await unclear(find({ product: 'CNC' }))).toBe('unclear');
});

test('of several that hold some, it is the one that holds enough', async () => {
  const { find, one, two } = exiting();
  one.positionsHeld = [position(9)];
  two.positionsHeld = [position(10)];
  expect(await find()).toEqual(two.ref);
  expect(await find({ quantity: 9 })).toEqual(one.ref); // both do: the one that serves
});

test('nothing is guessed: none holds it, or several do and none of them serves', async () => {
  const { find, two, three } = exiting();
  expect(await unclear(find())).toBe('unclear');
  two.positionsHeld = [position(10)];
  three.positionsHeld = [position(10)];
  expect(await unclear(find())).toBe('unclear');
  const without = exiting(false);
  without.one.positionsHeld = [position(10)];
  without.two.positionsHeld = [position(10)];
  expect(await unclear(without.find())).toBe('unclear');
});

test('a broker that fails or hangs is judged by what it showed last, and soon', async () => {
  const { find, accounts, one, two, clock } = exiting();
  two.positionsHeld = [position(10)];
  await accounts.positions(two.ref);
  two.answer = unreachable('two');
  expect(await find()).toEqual(two.ref);
  two.answer = 'hangs';
  one.answer = 'hangs';
  const began = clock.monotonic();
  expect(await clock.runUntil(find(), { stepMs: 10 })).toEqual(two.ref);
  expect(clock.monotonic() - began).toBeLessThanOrEqual(1_510);
});

test('looking for the holder leaves half of a short deadline to the order', async () => {
  const { find, one, two, three, clock } = exiting();
  for (const connection of [one, two, three]) connection.answer = 'hangs';
  const began = clock.monotonic();
  expect(await clock.runUntil(unclear(find({ deadlineMs: 600 })), { stepMs: 10 })).toBe('unclear');
  expect(clock.monotonic() - began).toBeLessThanOrEqual(310);
});

test('the only connection is not asked', async () => {
  const { find, connections, one } = exiting(false);
  connections.splice(1);
  expect(await find()).toEqual(one.ref);
  expect(one.asked).toEqual([]);
  connections.splice(0);
  await expect(find()).rejects.toMatchObject({ code: 'ALGO_NOT_CONNECTED' });
});
