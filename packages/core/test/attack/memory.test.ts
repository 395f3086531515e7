import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createAlgo, memoryStore, systemClock } from '@algo/core';
import type { OrderJournal } from '@algo/core/store';
import { expect, onTestFinished, test } from 'vitest';
import { memoryKeys } from '../simulated.js';
import { buy, createExchange, FAKE, fakeBroker } from './support.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function heapAfterGc(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return process.memoryUsage().heapUsed;
}

test('fifty thousand orders of one day leave less than 200 bytes each on the heap', { timeout: 60_000 }, async () => {
  const store = await memoryStore().open();
  // A journal that keeps nothing: what grows is ours.
  const journal: OrderJournal = {
    ...store.journal,
    add: async () => ({ kind: 'added' }),
    move: async () => true,
    attemptsOf: async () => [],
  };
  const broker = fakeBroker(createExchange(), undefined as never, {
    ordersPerSecond: 1_000_000,
    script: () => {
      let nth = 0;
      return { placeOrder: async () => ({ kind: 'acknowledged', brokerOrderId: `B${(nth += 1)}` }) };
    },
  });
  const algo = createAlgo({
    store: { open: async () => ({ ...store, journal }) },
    keys: memoryKeys(),
    brokers: [broker],
    clock: systemClock(),
  });
  onTestFinished(() => algo.close());
  const me = algo.user('u1');
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'a-token-0001' });
  await me.establishConnection(FAKE);
  const place = async (from: number, count: number): Promise<void> => {
    for (let at = from; at < from + count; at += 7) {
      await Promise.all(
        Array.from({ length: 7 }, (_, more) => me.orders.place(buy({ clientOrderId: `c${at + more}` }))),
      );
    }
  };
  await place(0, 10_000);
  const before = await heapAfterGc();
  await place(100_000, 50_000);
  const after = await heapAfterGc();
  const perOrder = (after - before) / 50_000;
  expect(perOrder).toBeLessThan(200); // 133 on 2026-11-20: the ids that tell a stale book, kept until the day ends
});
