import { join } from 'node:path';
import { createAlgo, fileKey, memoryStore } from '@algo/core';
import { dhan } from '@algo/broker-dhan';
import { CLIENT_ID, TOKEN, tagOf } from './order.js';
import { journalCheck } from './journal-check.js';

/** One socket of the order lane is kept for cancels, so that entries have as many as everybody else. */
const KEPT_FOR_CANCELS = 1;

const SECOND = 1_000;

/** Dhan's own four windows, each raised and none removed. The first one fills early, so that it is really looked up. */
const RAISED = [
  { limit: 1_000, perMs: SECOND / 100 },
  { limit: 10_000_000, perMs: 60 * SECOND },
  { limit: 10_000_000, perMs: 3_600 * SECOND },
  { limit: 10_000_000, perMs: 86_400 * SECOND },
];

/** Our whole road: validation, limiter, breaker, deadline, tag, journal, send proof, typed outcome. */
export async function open({ origin, sockets, folder, store: kind, deadlineMs }) {
  const path = join(folder, 'journal.db');
  const store = kind === 'memory' ? memoryStore() : await sqliteStore(path, kind);
  const algo = createAlgo({
    store,
    keys: fileKey(join(folder, 'master.key')),
    brokers: [
      dhan({
        baseUrl: `${origin}/v2`,
        authUrl: origin,
        instrumentsUrl: `${origin}/master.csv`,
        instruments: 'compact',
        rateLimits: { orders: RAISED },
      }),
    ],
    sockets: { orders: sockets + KEPT_FOR_CANCELS },
  });
  const me = algo.user('u1');
  await me.credentials.put('dhan', 'main', { clientId: CLIENT_ID, accessToken: TOKEN });
  await me.establishConnection({ broker: 'dhan', account: 'main' });

  return {
    place: (number) =>
      me.orders.place({
        clientOrderId: tagOf(number),
        instrument: 'NSE:RELIANCE',
        side: 'BUY',
        quantity: 10,
        type: 'LIMIT',
        price: 1430.5,
        product: 'CNC',
        deadlineMs,
      }),
    accepted: (outcome) => outcome.kind === 'accepted' && outcome.brokerOrderId !== '',
    close: () => algo.close(),
    /** @param {number} placed how many orders the journal must hold, each acknowledged; null: fine, a string: what is wrong */
    check: (placed) => (kind === 'memory' ? null : journalCheck(path, placed)),
  };
}

async function sqliteStore(path, durability) {
  const { sqlite } = await import('@algo/store-sqlite');
  return sqlite({ path, durability });
}
