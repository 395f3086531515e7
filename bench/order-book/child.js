import { createAlgo, memoryStore, systemClock } from '@algo/core';
import { Pool } from 'undici';
import { answerJob } from '../lib/child.js';
import { closeNetwork } from '../lib/loopback-only.js';
import { BROKERS } from './brokers.js';

closeNetwork();

const KEY = { id: 'bench', bytes: new Uint8Array(32).fill(7) };
const keys = { current: async () => KEY, byId: async () => KEY };

/** One client, once: 50 orders are placed, then their book is read over and over. */
answerJob(async ({ client, broker, reach, offsetMs, book, calls }) => {
  if (client === 'place') return placeFifty(broker, reach, offsetMs);
  const read = client === 'raw' ? await rawReader(reach, book) : await ourReader(broker, reach, offsetMs);
  await repeat(read, Math.ceil(calls / 4));
  const before = process.cpuUsage();
  const beganMs = performance.now();
  const orders = await repeat(read, calls);
  const { user, system } = process.cpuUsage(before);
  return { cpuUs: (user + system) / calls, wallUs: ((performance.now() - beganMs) * 1_000) / calls, orders };
});

async function repeat(read, count) {
  let orders = 0;
  for (let call = 0; call < count; call += 1) orders = await read();
  return orders;
}

async function rawReader({ baseUrl, loginUrl }, { path, method }) {
  const pool = new Pool(new URL(baseUrl ?? loginUrl).origin, { connections: 1 });
  return async () => {
    const { body } = await pool.request({ path, method, headers: { accept: 'application/json' } });
    const parsed = await body.json();
    return (Array.isArray(parsed) ? parsed : (parsed.data ?? parsed.result)).length;
  };
}

async function ourReader(broker, reach, offsetMs) {
  const { connection } = await connect(broker, reach, offsetMs);
  return async () => (await connection.orders()).length;
}

async function placeFifty(broker, reach, offsetMs) {
  const { me, connection, algo } = await connect(broker, reach, offsetMs);
  for (let count = 0; count < 50; count += 1) {
    const outcome = await me.orders.place({
      instrument: 'NSE:RELIANCE',
      side: 'BUY',
      quantity: 1 + count,
      type: 'LIMIT',
      price: 1_300,
      product: 'MIS',
    });
    if (outcome.kind !== 'accepted') throw new Error(`an order ended as ${JSON.stringify(outcome)}`);
  }
  const { length } = await connection.orders();
  await algo.close();
  return length;
}

async function connect(broker, reach, offsetMs) {
  const { definition, fields } = await BROKERS[broker](reach);
  const clock = { ...systemClock(), now: () => Date.now() + offsetMs };
  const algo = createAlgo({ store: memoryStore(), keys, brokers: [definition], clock });
  const me = algo.user('u1');
  await me.credentials.put(broker, 'main', fields);
  const connection = await me.establishConnection({ broker, account: 'main' });
  return { algo, me, connection };
}
