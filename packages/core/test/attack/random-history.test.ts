import { createAlgo, memoryStore } from '@algo/core';
import type { Algo, ConnectionManager, OrderOutcome } from '@algo/core';
import type { Store } from '@algo/core/store';
import {
  cutBody,
  dropReplyAfter,
  emptyBook,
  expiredToken,
  garbage,
  hang,
  htmlPage,
  lateVisibility,
  rateLimited,
  resetBefore,
  serverErrorAfter,
  serverErrorBefore,
  staleBook,
  startSimulator,
} from '@algo/simulator';
import type { Fault, Simulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { describe, expect, test } from 'vitest';
import { dhanAt, ME, memoryKeys } from '../simulated.js';
import { buy } from './support.js';

const BATCHES = Number(process.env['ALGO_HISTORY_BATCHES'] ?? 60);
const PER_BATCH = 20;
const SEEDS = (process.env['ALGO_HISTORY_SEEDS'] ?? '1,2,3').split(',').map(Number);

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Told {
  readonly clientOrderId: string;
  readonly outcome: OrderOutcome;
}

interface History {
  readonly simulator: Simulator;
  readonly store: Store;
  readonly told: readonly Told[];
  readonly settled: readonly Told[];
  readonly operations: number;
}

async function play(seed: number): Promise<History> {
  const random = randomOf(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const clock: FakeClock = createFakeClock();
  const simulator = await startSimulator({
    clock,
    seed,
    dhan: {
      account: { clientId: '1000000001', cash: 1e9 },
      rateLimits: 'off',
      unknownTag: seed % 2 === 0 ? 'error' : 'empty',
    },
  });
  const store = await memoryStore().open();
  const keep: Store = { ...store, close: async () => undefined };
  const rates = Object.fromEntries(['orders', 'reads'].map((family) => [family, [{ limit: 100_000, perMs: 1_000 }]]));

  const start = async (): Promise<{ readonly algo: Algo; readonly me: ConnectionManager }> => {
    const broker = dhanAt(simulator, { rateLimits: rates });
    const algo = createAlgo({ store: { open: async () => keep }, keys: memoryKeys(), brokers: [broker], clock });
    const me = algo.user('u1');
    const { clientId, accessToken } = simulator.dhan.credentials;
    await me.credentials.put('dhan', 'main', { clientId, accessToken });
    await clock.runUntil(me.establishConnection(ME), { stepMs: 50 });
    return { algo, me };
  };

  const faults: readonly (() => Fault)[] = [
    () => dropReplyAfter(pick(['placeOrder', 'cancelOrder', 'modifyOrder']), { nth: 1 + Math.floor(random() * 6) }),
    () =>
      resetBefore(pick(['placeOrder', 'cancelOrder', 'modifyOrder', 'orderByTag']), {
        nth: 1 + Math.floor(random() * 6),
      }),
    () => serverErrorAfter('placeOrder', { nth: 1 + Math.floor(random() * 6), status: pick([500, 502, 503, 504]) }),
    () => serverErrorBefore('placeOrder', { nth: 1 + Math.floor(random() * 6) }),
    () => hang('placeOrder', { nth: 1 + Math.floor(random() * 6), when: pick(['before', 'after']) }),
    () => hang(pick(['orderByTag', 'orderBook', 'cancelOrder', 'modifyOrder', 'orderById']), { when: 'after' }),
    () => cutBody('placeOrder', { nth: 1 + Math.floor(random() * 6) }),
    () => garbage(pick(['placeOrder', 'orderBook', 'orderByTag'])),
    () =>
      htmlPage(pick(['placeOrder', 'orderBook', 'orderByTag']), {
        status: pick([200, 503]),
        when: pick(['before', 'after']),
      }),
    () => rateLimited(pick(['placeOrder', 'orderBook', 'cancelOrder'])),
    () => expiredToken(pick(['orderByTag', 'orderBook']), { times: 1 }),
    () => lateVisibility('placeOrder', Math.floor(random() * 100_000), { nth: 1 + Math.floor(random() * 4) }),
    () => staleBook(pick(['orderBook', 'orderByTag']), { times: 2 }),
    () => emptyBook('orderBook', { times: 2 }),
  ];

  const told: Told[] = [];
  const settled: Told[] = [];
  const ids: string[] = [];
  let operations = 0;
  let running = await start();

  const operate = async (me: ConnectionManager): Promise<void> => {
    operations += 1;
    const deadlineMs = pick([200, 1_000, 5_000]);
    const kind = random();
    if (kind < 0.5 || ids.length === 0) {
      const clientOrderId = `c${ids.length}`;
      ids.push(clientOrderId);
      return note(clientOrderId, me.orders.place(buy({ clientOrderId, deadlineMs })));
    }
    const clientOrderId =
      random() < 0.7 ? (ids.at(-1 - Math.floor(random() * Math.min(12, ids.length))) ?? '') : pick(ids);
    if (kind < 0.7) return note(clientOrderId, me.orders.place(buy({ clientOrderId, deadlineMs })));
    if (kind < 0.88) await me.orders.cancel({ clientOrderId, deadlineMs }).catch(() => null);
    else
      await me.orders.modify({ clientOrderId, price: 1_380 + Math.floor(random() * 20), deadlineMs }).catch(() => null);
  };

  const note = async (clientOrderId: string, placing: Promise<OrderOutcome>): Promise<void> => {
    const outcome = await placing;
    told.push({ clientOrderId, outcome });
    if (outcome.kind === 'unknown') void outcome.settled.then((last) => settled.push({ clientOrderId, outcome: last }));
  };

  for (let batch = 0; batch < BATCHES; batch += 1) {
    const count = random() < 0.4 ? 0 : 1 + Math.floor(random() * 3);
    for (let at = 0; at < count; at += 1) simulator.inject(pick(faults)());
    const { me } = running;
    const all = Promise.all(Array.from({ length: PER_BATCH }, () => operate(me)));
    if (random() < 0.1) {
      await clock.advance(Math.floor(random() * 20));
      const closing = running.algo.close(); // in the middle of everything
      await clock.runUntil(closing, { stepMs: 50 });
      await clock.runUntil(
        all.catch(() => null),
        { stepMs: 50 },
      );
      simulator.clearFaults();
      simulator.releaseHung();
      running = await start();
    } else await clock.runUntil(all, { stepMs: 50, realMs: 0 });
    simulator.releaseHung(); // a request that got stuck arrives at the latest now
    simulator.clearFaults();
    for (let step = Math.floor(random() * 30); step > 0; step -= 1) await clock.advance(1_000);
  }

  simulator.clearFaults();
  simulator.releaseHung();
  const deadline = clock.monotonic() + 400_000;
  await clock.runUntil(
    new Promise<void>((resolve) => {
      const stop = clock.every(1_000, () => {
        if (clock.monotonic() < deadline) return;
        stop();
        resolve();
      });
    }),
    { stepMs: 500, realMs: 1, limitMs: 1_000_000 },
  );
  await clock.runUntil(running.algo.close(), { stepMs: 50 });
  await simulator.close();
  return { simulator, store, told, settled, operations };
}

describe.each(SEEDS)('a random history from seed %i', (seed) => {
  test('keeps every promise about every order', { timeout: 120_000 }, async () => {
    const { simulator, store, told, settled, operations } = await play(seed);
    const rows = await store.journal.list('u1', { limit: 100_000 });
    const byTag = new Map(rows.map((row) => [row.tag, row]));
    const ledger = simulator.ledger();
    const inLedger = new Set(ledger.map(({ tag }) => tag));
    const problems: string[] = [];
    const problem = (what: string, detail: unknown): void =>
      void problems.push(`seed ${seed}: ${what} ${JSON.stringify(detail)}`);

    // 1. At most one accepted order per client order id, and at most one request on the wire.
    const perId = new Map<string, number>();
    for (const { tag } of ledger) {
      const id = byTag.get(tag)?.clientOrderId ?? `stranger ${tag}`;
      perId.set(id, (perId.get(id) ?? 0) + 1);
    }
    for (const [id, count] of perId) if (count > 1) problem('placed twice', id);
    const wire = new Map<string, number>();
    for (const { body } of simulator.received('placeOrder')) {
      const tag = String((JSON.parse(body) as { correlationId?: unknown }).correlationId);
      wire.set(tag, (wire.get(tag) ?? 0) + 1);
    }
    for (const [tag, count] of wire) if (count > 1) problem('sent twice', tag);

    // 2. Every accepted order is known as such, or openly unknown.
    for (const { tag, brokerOrderId } of ledger) {
      const row = byTag.get(tag);
      if (row === undefined) problem('in the ledger, not in the journal', tag);
      else if (row.state === 'ACKNOWLEDGED' || row.state === 'FOUND') {
        if (row.brokerOrderId !== brokerOrderId) problem('known under another id', row);
      } else if (row.state !== 'UNRESOLVED' && row.state !== 'AMBIGUOUS')
        problem('in the ledger and held to be nowhere', row);
    }

    // 3. Nothing is held to be somewhere that is not there.
    for (const row of rows) {
      if ((row.state === 'ACKNOWLEDGED' || row.state === 'FOUND') && !inLedger.has(row.tag) && row.detail === null) {
        problem('acknowledged, not in the ledger', row);
      }
      if (row.state === 'NOT_SENT' && wire.has(row.tag)) problem('called not sent, and on the wire', row);
      if (row.state === 'SUBMITTING' || row.state === 'INTENT') problem('left without an end', row);
    }

    // 4. What callers were told, at once and later, is true.
    const tagOf = new Map(rows.map(({ clientOrderId, tag }) => [clientOrderId, tag]));
    for (const { clientOrderId, outcome } of [...told, ...settled]) {
      const there = inLedger.has(tagOf.get(clientOrderId) ?? '');
      if (
        outcome.kind === 'accepted' &&
        !there &&
        !rows.some((row) => row.clientOrderId === clientOrderId && row.brokerOrderId === outcome.brokerOrderId)
      )
        problem('told accepted', { clientOrderId, outcome });
      if ((outcome.kind === 'not-sent' || outcome.kind === 'rejected') && there)
        problem(`told ${outcome.kind}`, { clientOrderId, outcome });
    }

    // 5. Nobody waits for ever.
    const unknown = told.filter(({ outcome }) => outcome.kind === 'unknown').length;
    if (settled.length !== unknown)
      problem('promises of unknown outcomes that never settled', unknown - settled.length);

    expect(problems).toEqual([]);
    expect(operations).toBe(BATCHES * PER_BATCH);
    expect(ledger.length).toBeGreaterThan(BATCHES); // it did trade
    expect(unknown).toBeGreaterThan(BATCHES / 4); // and things did go wrong
  });
});
