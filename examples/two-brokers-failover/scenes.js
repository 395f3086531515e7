import assert from 'node:assert/strict';
import { dropReplyAfter, serverErrorBefore } from '@algo/simulator';

export const DHAN = { broker: 'dhan', account: 'main' };
export const KOTAK = { broker: 'kotak', account: 'main' };
export const RELIANCE = 'NSE:RELIANCE';

/** What happens, in this order. Each scene looks at what it shows, and fails when it is otherwise. */
export const SCENES = [
  ['All is well: Dhan serves', allIsWell],
  ['The reply to an order is lost: it stays at Dhan and is found there', aReplyIsLost],
  ['Dhan refuses connections: prices and new orders go to Kotak', theFirstFails],
  ['Kotak answers 503 as well: the last price, marked as old', bothFail],
  ['Both are back: calls return to Dhan when it was healthy for a while', bothRecover],
  ['The same again with the rule QUEUE: orders wait', ordersWait],
  ['A person moves the calls, in two steps', byHand],
];

async function allIsWell({ me, bot, time, screen }) {
  await time.until('a grade for both', () =>
    me.getConnectionStatus().every(({ health }) => health.connectionQuality !== null),
  );
  await place(me, screen, 'calm', 'accepted', DHAN);
  assert.deepEqual(bot.price.from, DHAN);
  assert.equal(bot.price.stale, false);
}

async function aReplyIsLost({ me, simulator, screen }) {
  simulator.inject(dropReplyAfter('placeOrder', { broker: 'dhan' }));
  const outcome = await place(me, screen, 'lost', 'unknown', DHAN);
  screen.say(`   It may be at Dhan, so no other broker gets it. It is looked for by its tag, ${outcome.tag}.`);
  const settled = await outcome.settled;
  screen.say(`   Found: ${settled.kind}, broker order id ${settled.brokerOrderId}.`);
  assert.equal(settled.kind, 'accepted');
  assert.deepEqual(me.routingStatus().serving, DHAN);
}

async function theFirstFails({ me, bot, wire, time, screen }) {
  await wire.cut();
  await time.until('a price from Kotak', () => bot.price.from.broker === 'kotak');
  screen.say(
    `   The next price came from ${bot.price.from.broker}, ${Math.ceil(bot.tookMs)} ms after it was asked for.`,
  );
  assert.equal(bot.price.stale, false);

  await place(me, screen, 'moved', 'accepted', KOTAK);
  assert.deepEqual(me.routingStatus().serving, KOTAK);

  await time.until('Dhan told as down', () => stateOf(me, DHAN).status === 'error');
  await time.until('what Dhan held, marked stale', () => bot.held.stale);
  assert.deepEqual(bot.held.from, DHAN); // an account has no stand-in
  assert.equal(screen.told['brokers-down'], 0);
}

async function bothFail({ me, bot, simulator, time, screen }) {
  simulator.inject(serverErrorBefore('*', { broker: 'kotak', status: 503, times: 'always' }));
  await time.until('no broker answers', () => screen.told['brokers-down'] > 0);
  await time.until('an old price', () => bot.price.stale);
  const { value, from, asOfMs } = bot.price;
  const ageMs = time.clock.now() - asOfMs;
  screen.say(`   RELIANCE ${value[0].lastPrice}, from ${from.broker}, ${(ageMs / 1000).toFixed(0)} seconds old.`);

  const outcome = await place(me, screen, 'nowhere', 'not-sent', KOTAK);
  screen.say(`   Nobody could take it (${outcome.proof.why}), and it can never be sent any more.`);
  await time.wait(5_000);
  assert.equal(screen.told['brokers-down'], 1);
}

async function bothRecover({ me, bot, simulator, wire, time, screen }) {
  simulator.clearFaults();
  await wire.mend();
  await time.until('a broker answers', () => screen.told['brokers-up'] === 1);
  await time.until('calls at Dhan again', () => screen.told['failover-recovered'] === 1);
  assert.deepEqual(me.routingStatus().serving, DHAN);
  await time.until('a price from Dhan', () => bot.price.from.broker === 'dhan' && !bot.price.stale);
  await place(me, screen, 'back', 'accepted', DHAN);
  assert.equal(screen.told['failover-switched'], 1);
}

async function ordersWait({ me, wire, simulator, time, screen }) {
  await me.setFailover({
    primary: DHAN,
    backups: [KOTAK],
    rules: [{ on: 'ERROR_RATE', then: 'QUEUE', expiresMs: 600_000 }],
    recovery: { healthyMs: 10_000 },
  });
  await wire.cut();
  await time.until('Dhan told as down', () => stateOf(me, DHAN).status === 'error');
  const before = simulator.ledger().length;
  await place(me, screen, 'waits', 'queued', DHAN);
  await place(me, screen, 'changed-my-mind', 'queued', DHAN);
  const cancelled = await me.orders.cancel({ clientOrderId: 'changed-my-mind' });
  assert.equal(cancelled.kind, 'not-sent');
  const waiting = (await me.orders.queued()).map(({ clientOrderId }) => clientOrderId);
  screen.say(`   One is cancelled, unsent. Waiting now: ${waiting.join(', ')}.`);
  assert.deepEqual(waiting, ['waits']);
  assert.equal(simulator.ledger().length, before);

  await wire.mend();
  await time.until('the order gone out', async () => (await me.orders.get('waits')).outcome.kind === 'accepted');
  screen.say('   Dhan is back, and the order went out by itself.');
  assert.deepEqual(await me.orders.queued(), []);
}

async function byHand({ me, screen, time }) {
  const preview = await me.handleFailover({ to: KOTAK });
  const { from, to, openOrders } = preview;
  screen.say(`   From ${from.broker} to ${to.broker}? ${openOrders} open orders stay at ${from.broker}.`);
  assert.deepEqual(me.routingStatus().serving, DHAN); // nothing moved yet
  await assert.rejects(me.handleFailover({ confirm: 'a-guess' }), { code: 'ALGO_NOT_CONFIRMED' });

  await me.handleFailover({ confirm: preview.token });
  await place(me, screen, 'by-hand', 'accepted', KOTAK);
  await time.wait(15_000); // longer than a recovery takes
  assert.deepEqual(me.routingStatus(), { serving: KOTAK, primary: DHAN, byHand: true, returnsAtMs: null });

  const back = await me.handleFailover({ to: DHAN });
  await me.handleFailover({ confirm: back.token });
  assert.deepEqual(me.routingStatus().serving, DHAN);
  screen.say('   And back, by hand as well.');
}

/** The exchange's own ledger is the judge: no order of ours is in it twice, and those that were not sent not at all. */
export async function prove({ me, simulator, screen }) {
  const orders = await me.orders.list();
  const ledger = simulator.ledger();
  for (const { clientOrderId, outcome, connection } of orders) {
    const arrived = ledger.filter(({ brokerOrderId }) => brokerOrderId === outcome.brokerOrderId);
    assert.equal(arrived.length, outcome.kind === 'accepted' ? 1 : 0, clientOrderId);
    for (const { broker } of arrived) assert.equal(broker, connection.broker, clientOrderId);
  }
  const accepted = orders.filter(({ outcome }) => outcome.kind === 'accepted');
  assert.equal(ledger.length, accepted.length);
  assert.equal(new Set(ledger.map(({ tag }) => tag)).size, ledger.length);
  const at = (name) => ledger.filter(({ broker }) => broker === name).length;
  screen.say(
    `\n${orders.length} orders asked for. The exchange has ${ledger.length}: ${at('dhan')} by Dhan, ${at('kotak')} by Kotak, none twice.`,
  );
}

async function place(me, screen, clientOrderId, kind, connection) {
  const outcome = await me.orders.place({
    clientOrderId,
    instrument: RELIANCE,
    side: 'BUY',
    quantity: 1,
    type: 'LIMIT',
    price: 1390,
    product: 'CNC',
  });
  const order = await me.orders.get(clientOrderId);
  screen.say(`   Order "${clientOrderId}": ${outcome.kind}, ${order.connection.broker}.`);
  assert.equal(outcome.kind, kind);
  assert.deepEqual(order.connection, connection);
  return outcome;
}

const stateOf = (me, ref) => me.connection(ref).state;
