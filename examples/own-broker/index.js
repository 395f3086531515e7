import assert from 'node:assert/strict';
import { createAlgo, memoryStore, systemClock } from '@algo/core';
import { monsoon } from './broker/index.js';
import { startFakeMonsoon } from './fake-broker.js';

/** A broker that core has never heard of: placed, lost and found, cancelled, refused. Each line shown is asserted. */
async function main() {
  const now = () => START_MS + performance.now(); // the contracts of the fake's list are of this day
  const venue = await startFakeMonsoon({ now });
  const brokers = [monsoon({ baseUrl: venue.baseUrl })];
  const algo = createAlgo({ store: memoryStore(), keys: KEYS, brokers, clock: { ...systemClock(), now } });
  try {
    await trade(algo.user('me'), venue);
  } finally {
    await algo.close();
    await venue.close();
  }
}

async function trade(me, venue) {
  await me.credentials.put('monsoon', 'main', venue.credentials);
  const connection = await me.establishConnection({ broker: 'monsoon', account: 'main' });
  const { rows, skipped } = connection.instruments.provenance;
  show(`connected: ${rows} instruments, ${skipped} rows skipped`, rows === 7 && skipped === 0);

  const fills = await me.orders.place(buy('fills', { price: 1_405 }));
  const { order } = await me.orders.refresh('fills');
  show(`an order above the market: ${fills.kind}, ${order.status} at ${order.averagePrice}`, order.status === 'FILLED');

  venue.inject({ operation: 'placeOrder', kind: 'resetAfter' });
  const lost = await me.orders.place(buy('lost'));
  const found = lost.kind === 'unknown' ? await lost.settled : lost;
  show(`an order whose reply is lost: ${lost.kind}, then ${found.kind}`, found.kind === 'accepted');

  const cancelled = await me.orders.cancel({ clientOrderId: 'lost' });
  const { order: gone } = await me.orders.refresh('lost');
  show(`its cancel: ${cancelled.kind}, ${gone.status}`, gone.status === 'CANCELLED');

  const rich = await me.orders.place(buy('rich', { quantity: 1_000_000 }));
  show(`an order beyond the account: ${rich.kind}, ${rich.reason}: ${rich.brokerText}`, rich.reason === 'margin');

  const gold = { instrument: 'MCX:GOLDM:2026-12-04:FUT', product: 'NRML', quantity: 100, price: 120_000 };
  const code = await me.orders.place(buy('gold', gold)).then(
    () => 'none',
    (error) => error.code,
  );
  show(`a contract counted in nobody knows what: ${code}`, code === 'ALGO_QUANTITY_UNIT_UNKNOWN');

  const tags = venue.ledger().map(({ tag }) => tag);
  show(`Monsoon took ${tags.length} orders, each once`, tags.length === 2 && new Set(tags).size === 2);
}

function show(line, holds) {
  console.log(line);
  assert.ok(holds, `that is not what it should be: ${line}`);
}

const buy = (clientOrderId, changes = {}) => ({
  clientOrderId,
  instrument: 'NSE:RELIANCE',
  side: 'BUY',
  quantity: 1,
  type: 'LIMIT',
  price: 1_390,
  product: 'CNC',
  ...changes,
});

/** Friday 2026-11-20, 10:00 IST. */
const START_MS = Date.UTC(2026, 10, 20, 4, 30);

/** Good for a store that forgets everything; a bot uses `fileKey`. */
const KEY = { id: 'example', bytes: new Uint8Array(32).fill(7) };
const KEYS = { current: async () => KEY, byId: async (id) => (id === KEY.id ? KEY : null) };

await main();
