import { fileURLToPath } from 'node:url';
import { dhan } from '@algo/broker-dhan';
import { createAlgo, fileKey } from '@algo/core';
import { sqlite } from '@algo/store-sqlite';
import { healthTable, heading, orderTable, say } from './print.js';

const STATE = fileURLToPath(new URL('./.state/live', import.meta.url));
const CHEAP = 'NSE:GOLDBEES';

/** The real Dhan: reads, and with `allowOrders` one share far below the market that is cancelled at once. */
export async function runLive(allowOrders, environment) {
  const credentials = credentialsFrom(environment);
  if (credentials === null) {
    console.error('Set DHAN_CLIENT_ID with DHAN_ACCESS_TOKEN, or with DHAN_PIN and DHAN_TOTP_SECRET.');
    return 2;
  }
  const keys = fileKey(`${STATE}/master.key`);
  await keys.current(); // makes the folder on the first run
  const algo = createAlgo({ store: sqlite({ path: `${STATE}/live.db` }), keys, brokers: [dhan()] });
  const me = algo.user('me');
  try {
    await me.credentials.put('dhan', 'main', credentials);
    const connection = await me.establishConnection({ broker: 'dhan', account: 'main' });
    await read(connection);
    if (allowOrders) await placeAndCancel(me, connection);
    else say('\nReads only. Add --allow-orders to place one share far below the market and cancel it.');
    heading('Connection');
    healthTable(me.getConnectionStatus());
    return 0;
  } finally {
    await algo.close();
  }
}

function credentialsFrom({ DHAN_CLIENT_ID, DHAN_ACCESS_TOKEN, DHAN_PIN, DHAN_TOTP_SECRET }) {
  if (!DHAN_CLIENT_ID) return null;
  if (DHAN_PIN && DHAN_TOTP_SECRET) return { clientId: DHAN_CLIENT_ID, pin: DHAN_PIN, totpSecret: DHAN_TOTP_SECRET };
  return DHAN_ACCESS_TOKEN ? { clientId: DHAN_CLIENT_ID, accessToken: DHAN_ACCESS_TOKEN } : null;
}

async function read(connection) {
  heading('Account');
  const funds = await connection.funds();
  say(`Available: ${funds.available}, used: ${funds.used}.`);
  say(`Positions: ${(await connection.positions()).length}, holdings: ${(await connection.holdings()).length}.`);
  say(`Orders today: ${(await connection.orders()).length}.`);
}

async function placeAndCancel(me, connection) {
  heading('One order, far below the market');
  const [quote] = await connection.quotes([CHEAP]);
  const price = Math.floor(quote.lastPrice * 0.95 * 100) / 100;
  const order = { instrument: CHEAP, side: 'BUY', quantity: 1, type: 'LIMIT', price, product: 'CNC' };
  const placed = await me.orders.place(order);
  const settled = placed.kind === 'unknown' ? await placed.settled : placed;
  say(`place: ${placed.kind}${settled === placed ? '' : `, then ${settled.kind}`}`);
  if (settled.kind !== 'accepted') return;
  const { clientOrderId } = settled;
  say(`cancel: ${(await me.orders.cancel({ clientOrderId })).kind}`);
  orderTable([await me.orders.refresh(clientOrderId)]);
}
