import { fileURLToPath } from 'node:url';
import { dhan } from '@algo/broker-dhan';
import { createAlgo, fileKey, systemClock } from '@algo/core';
import { dropReplyAfter, startSimulator } from '@algo/simulator';
import { sqlite } from '@algo/store-sqlite';
import { healthTable, heading, orderTable, say } from './print.js';

/** Everything a run leaves behind; ignored by git. */
const STATE = fileURLToPath(new URL('./.state', import.meta.url));

const RELIANCE = 'NSE:RELIANCE';

/** One order end to end, three times: one that fills, one whose reply is lost, one that is cancelled. */
export async function runSimulated() {
  const simulator = await startSimulator({ brokers: ['dhan'], state: `${STATE}/simulator` });
  const algo = createAlgo({
    store: sqlite({ path: `${STATE}/quickstart.db` }),
    keys: fileKey(`${STATE}/master.key`),
    brokers: [simulatedDhan(simulator)],
    // The simulator lives on a trading day of its own, so that this runs at any hour.
    clock: { ...systemClock(), now: () => simulator.clock.now() },
  });
  try {
    return await trade(algo.user('u1'), simulator);
  } finally {
    await algo.close();
    await simulator.close();
  }
}

function simulatedDhan({ dhan: { baseUrl, authUrl, instrumentsUrl } }) {
  return dhan({
    baseUrl,
    authUrl,
    instrumentsUrl: new URL('.', instrumentsUrl).href.slice(0, -1),
    instruments: 'compact',
  });
}

async function trade(me, simulator) {
  heading('Connect');
  const { clientId, accessToken } = simulator.dhan.credentials;
  await me.credentials.put('dhan', 'main', { clientId, accessToken });
  say('The access token is sealed in quickstart.db; the key to it is master.key, mode 600.');
  const connection = await me.establishConnection({ broker: 'dhan', account: 'main' });
  const { rows, skipped } = connection.instruments.provenance;
  say(`Connected to dhan/main. ${rows} instruments loaded, ${skipped} rows skipped.`);

  const before = await me.orders.list();
  const run = `run${before.filter(({ clientOrderId }) => clientOrderId.endsWith('-fills')).length + 1}`;
  if (before.length > 0) {
    heading(`Found again: ${before.length} orders of earlier runs`);
    const first = before.at(-1);
    const again = await me.orders.place({ ...buy(first.order?.price ?? 0), clientOrderId: first.clientOrderId });
    say(`Placing ${first.clientOrderId} once more gives its first answer (${again.kind}) and sends nothing.`);
  }

  heading('A quote');
  const [quote] = await connection.quotes([RELIANCE]);
  say(`${RELIANCE} last traded at ${quote.lastPrice}.`);

  heading('An order that fills');
  const fills = await me.orders.place({ ...buy(onTick(quote.lastPrice + 5)), clientOrderId: `${run}-fills` });
  say(`place: ${fills.kind}, broker order id ${fills.brokerOrderId}`);
  const { order } = await me.orders.refresh(`${run}-fills`);
  say(`The book says ${order.status}: ${order.filledQuantity} at ${order.averagePrice}.`);

  heading('An order whose reply is lost');
  simulator.inject(dropReplyAfter('placeOrder'));
  const lost = await me.orders.place({ ...buy(onTick(quote.lastPrice - 10)), clientOrderId: `${run}-lost` });
  say(
    `place: ${lost.kind}. The broker may have it or not, so it is not sent again; it is looked for by tag ${lost.tag}.`,
  );
  const found = await lost.settled;
  say(`settled: ${found.kind}, broker order id ${found.brokerOrderId}`);

  heading('An order that is cancelled');
  await me.orders.place({ ...buy(onTick(quote.lastPrice - 20)), clientOrderId: `${run}-cancelled` });
  const cancelled = await me.orders.cancel({ clientOrderId: `${run}-cancelled` });
  say(`cancel: ${cancelled.kind}. That the request was taken; the book says whether it worked.`);

  await summary(me, run);
  return prove(simulator, await me.orders.list());
}

async function summary(me, run) {
  heading('Orders of this run');
  const mine = (await me.orders.list()).filter(({ clientOrderId }) => clientOrderId.startsWith(`${run}-`)).reverse();
  const refreshed = [];
  for (const { clientOrderId } of mine) refreshed.push(await me.orders.refresh(clientOrderId));
  orderTable(refreshed);
  heading('Connection');
  healthTable(me.getConnectionStatus());
}

/** The exchange's own ledger is the judge: no tag in it twice, and every order of ours in it once. */
function prove(simulator, orders) {
  heading('Proof');
  const ledger = simulator.ledger();
  const times = (tag) => ledger.filter((entry) => entry.tag === tag).length;
  const twice = orders.filter(({ tag }) => times(tag) > 1);
  const missing = orders.filter(({ tag }) => times(tag) === 0);
  say(`The exchange accepted ${ledger.length} orders; the journal holds ${orders.length}.`);
  say(`Placed twice: ${twice.length}. Lost: ${missing.length}.`);
  const proven = twice.length === 0 && missing.length === 0 && ledger.length === orders.length;
  say(proven ? 'Each order is there exactly one time.' : 'THIS IS WRONG: please report it.');
  return proven ? 0 : 1;
}

const buy = (price) => ({ instrument: RELIANCE, side: 'BUY', quantity: 1, type: 'LIMIT', price, product: 'CNC' });

/** RELIANCE ticks at 0.10. */
const onTick = (price) => Math.round(price * 10) / 10;
