import assert from 'node:assert/strict';
import { createAlgo, memoryStore, systemClock } from '@algo/core';
import { startSimulator } from '@algo/simulator';
import { BROKERS } from './brokers.js';

// node four-brokers.js angel   places one order through Angel One
// node four-brokers.js         places the same order through each of the four
const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : Object.keys(BROKERS);

const unknown = names.find((name) => !Object.hasOwn(BROKERS, name));
if (unknown !== undefined) {
  console.error(`There is no broker "${unknown}", only ${Object.keys(BROKERS).join(', ')}.`);
  process.exit(2);
}

/** The order. It names no broker, and it is the same for all of them. */
const order = {
  instrument: 'NSE:RELIANCE',
  side: 'BUY',
  quantity: 5,
  type: 'LIMIT',
  price: 1390,
  product: 'MIS',
};

const simulator = await startSimulator({ brokers: names });
const brokers = Object.fromEntries(names.map((name) => [name, BROKERS[name](simulator[name])]));
const key = { id: 'example', bytes: new Uint8Array(32).fill(7) }; // a real bot uses fileKey(path)
const algo = createAlgo({
  store: memoryStore(),
  keys: { current: async () => key, byId: async () => key },
  brokers: names.map((name) => brokers[name].definition),
  // The simulator lives on a trading day of its own, so that this runs at any hour.
  clock: { ...systemClock(), now: () => simulator.clock.now() },
});

try {
  const me = algo.user('u1');
  const rows = [];
  for (const broker of names) {
    await me.credentials.put(broker, 'main', brokers[broker].fields);
    const connection = await me.establishConnection({ broker, account: 'main' });
    const clientOrderId = `same-order-at-${broker}`;

    const outcome = await me.orders.place({ ...order, clientOrderId, connection: { broker, account: 'main' } });

    const { order: seen } = await me.orders.refresh(clientOrderId);
    const { symbol, token } = connection.instruments.find(order.instrument);
    rows.push({ broker, outcome: outcome.kind, id: outcome.brokerOrderId, status: seen.status, symbol, token });
    assert.equal(outcome.kind, 'accepted');
    assert.deepEqual(
      [seen.instrument, seen.side, seen.quantity, seen.type, seen.price, seen.product, seen.status],
      [order.instrument, order.side, order.quantity, order.type, order.price, order.product, 'OPEN'],
    );
    await me.orders.cancel({ clientOrderId });
    assert.equal((await me.orders.refresh(clientOrderId)).order.status, 'CANCELLED');
  }
  console.table(rows);

  const arrived = simulator.ledger();
  assert.equal(arrived.length, names.length);
  for (const { side, quantity, price, instrumentId } of arrived) {
    assert.deepEqual([side, quantity, price, instrumentId], ['BUY', 5, 1390, 'NSE_EQ:2885']);
  }
  console.log(
    `One exchange, ${names.length} brokers, ${arrived.length} orders: the same one at each, cancelled again.`,
  );
} finally {
  await algo.close();
  await simulator.close();
}
