import { setTimeout as pause } from 'node:timers/promises';

/** One order in so many calls, the others are reads; a prime, so that each connection has its turn. */
const ORDER_EVERY = 19;
const TICK_MS = 20;

/** A limit buy far below the market, so that it rests. */
export const ORDER = {
  instrument: 'NSE:RELIANCE',
  side: 'BUY',
  quantity: 1,
  type: 'LIMIT',
  price: 1_390,
  product: 'CNC',
};

/**
 * Calls on one connection after another, so many a second, each begun on time whether or not those before have ended.
 *
 * @param {object} options
 * @param {readonly Target[]} options.targets
 * @param {number} options.perSecond
 * @param {boolean} [options.orders] false for reads alone
 * @returns {() => Promise<{ readonly calls: number, readonly failed: number }>} what ends it
 *
 * @typedef {{ readonly manager: import('@algo/core').ConnectionManager, readonly ref: import('@algo/core').ConnectionRef }} Target
 */
export function startTraffic({ targets, perSecond, orders = true }) {
  const ends = new AbortController();
  const underWay = new Set();
  let calls = 0;
  let failed = 0;
  const call = (number) => {
    const target = targets[number % targets.length];
    const ended = (orders && number % ORDER_EVERY === 0 ? place(target) : read(target))
      .catch(() => (failed += 1))
      .finally(() => underWay.delete(ended));
    underWay.add(ended);
  };
  const running = (async () => {
    const began = performance.now();
    while (!ends.signal.aborted) {
      const due = ((performance.now() - began) / 1_000) * perSecond;
      for (; calls < due; calls += 1) call(calls);
      await pause(TICK_MS);
    }
    await Promise.all(underWay);
  })();
  return async () => {
    ends.abort();
    await running;
    return { calls, failed };
  };
}

export const read = async ({ manager, ref }) => manager.connection(ref).orders();

export async function place({ manager, ref }) {
  const outcome = await manager.orders.place({ ...ORDER, connection: ref });
  if (outcome.kind !== 'accepted') throw new Error(`an order ended ${outcome.kind}`);
}
