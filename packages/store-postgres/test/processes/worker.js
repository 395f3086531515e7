import { createAlgo } from '@algo/core';
import { postgres } from '@algo/store-postgres';
import { countingBroker } from './counting-broker.js';

/**
 * One of several processes on one database, from the built packages. It is told what to do by messages `{ id, what, ... }`
 * and answers each with `{ id, ... }`.
 */
const { connectionString, origin, key } = JSON.parse(process.argv[2]);

const master = { id: 'test', bytes: Buffer.from(key, 'hex') };
const algo = createAlgo({
  store: postgres({ connectionString, connections: 4 }),
  keys: { current: async () => master, byId: async (id) => (id === master.id ? master : null) },
  brokers: [countingBroker(origin)],
});
const me = algo.user('u1');
const ACCOUNT = { broker: 'counting', account: 'main' };
const ORDER = { instrument: 'NSE:RELIANCE', side: 'BUY', quantity: 1, type: 'LIMIT', price: 1390, product: 'CNC' };

const JOBS = {
  async connect({ pin }) {
    if (pin !== undefined) await me.credentials.put('counting', 'main', { clientId: 'C1', pin });
    await me.establishConnection(ACCOUNT);
    return {};
  },
  /** Sessions end here far more often than a broker ends them: a person says each time that it is no take-over. */
  async read() {
    await me.retryConnection(ACCOUNT);
    await me.connection(ACCOUNT).funds();
    return {};
  },
  /** Places every id, so many at once; tells how each ended, by id. */
  async place({ ids, atOnce }) {
    const ends = {};
    const waiting = [...ids];
    const worker = async () => {
      for (let clientOrderId = waiting.shift(); clientOrderId !== undefined; clientOrderId = waiting.shift()) {
        const outcome = await me.orders.place({ ...ORDER, clientOrderId, deadlineMs: 20_000 });
        ends[clientOrderId] = outcome.kind === 'accepted' ? outcome.brokerOrderId : JSON.stringify(outcome);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { ends };
  },
  async close() {
    await algo.close();
    process.disconnect();
    return null;
  },
};

process.on('message', (message) => {
  JOBS[message.what](message).then(
    (answer) => answer !== null && process.send({ id: message.id, ...answer }),
    (error) => process.send({ id: message.id, error: `${error.code ?? error.name}: ${error.message}` }),
  );
});
process.send({ id: 'ready' });
