import assert from 'node:assert/strict';
import { addressOf, addUsers, DHAN, KOTAK, USERS } from './users.js';

const SICK = USERS[6];
const LEAVING = USERS[11];
const GREEDY = USERS[14];
const SHARING = [USERS[18], USERS[19]];
const READS = ['orders', 'positions', 'holdings', 'funds'];
const ALONE = USERS.filter((userId) => !SHARING.includes(userId));

/** What happens, in this order. Each scene looks at what it shows, and fails when it is otherwise. */
export const SCENES = [
  ['Twenty users start, each from an address of their own', everybodyStarts],
  ['Everybody places an order, but two who share an address are refused', everybodyTrades],
  [`The broker of ${SICK} hangs; nobody else notices`, oneHangs],
  [`${SICK} asks what is wrong`, oneIsDiagnosed],
  [`${GREEDY} asks a hundred things at once and is stopped at its limit`, oneIsGreedy],
  [`${LEAVING} stops; the others go on`, oneStops],
  ['The two who share are told to be one family, and may trade', twoAreFamily],
];

async function everybodyStarts({ algo, wire, table, readers, time }) {
  for (const userId of USERS) readers.push(follow(algo.user(userId), table));
  const shared = [];
  for (const userId of USERS) {
    algo.user(userId).on('egress-shared', ({ address, users }) => {
      shared.push(userId);
      table.note(`   egress-shared: ${userId} is one of ${users} users at ${address}`);
    });
  }

  const reports = await algo.startUsers(USERS);
  assert.ok(reports.every(({ ok }) => ok));
  assert.equal(reports.flatMap(({ results }) => results).length, 40);
  for (const userId of USERS) show(algo.user(userId), table);
  await time.until('both told', () => shared.length === 2);
  assert.deepEqual(shared.sort(), SHARING);
  for (const userId of USERS) assert.ok(wire.callers.has(addressOf(userId)), `nothing came from ${userId}'s address`);
  assert.equal(wire.callers.size, 19);
  table.note(`   40 connections are up. Dhan saw calls from ${wire.callers.size} addresses.`);
}

async function everybodyTrades({ algo, simulator, table }) {
  const outcomes = await Promise.all(USERS.map((userId) => buy(algo.user(userId), 'first', table)));
  for (const [at, outcome] of outcomes.entries()) {
    const isShared = SHARING.includes(USERS[at]);
    assert.equal(outcome.kind, isShared ? 'not-sent' : 'accepted');
    if (isShared) assert.equal(outcome.proof.why, 'shared-egress');
  }
  const clients = simulator.ledger().map(({ clientId }) => clientId);
  assert.equal(clients.length, ALONE.length);
  assert.equal(new Set(clients).size, ALONE.length); // each went out on its own account
  table.note(`   ${clients.length} orders of ${clients.length} clients; 2 refused: shared-egress.`);
}

async function oneHangs({ algo, wire, table, time }) {
  const sick = algo.user(SICK);
  wire.jam(addressOf(SICK));
  const ending = Promise.allSettled(READS.map((read) => sick.accounts[read](DHAN)));

  const began = performance.now();
  const others = ALONE.filter((userId) => userId !== SICK);
  const funds = await Promise.all(others.map((userId) => algo.user(userId).accounts.funds(DHAN)));
  const tookMs = Math.ceil(performance.now() - began);
  assert.ok(funds.every(({ stale }) => !stale));
  table.note(`   ${others.length} others read their funds meanwhile, in ${tookMs} ms together.`);
  assert.equal((await buy(sick, 'elsewhere', table, KOTAK)).kind, 'accepted'); // and so does the sick one's other broker

  const ended = await ending;
  assert.deepEqual([...new Set(ended.map(({ reason }) => reason?.code))], ['ALGO_DEADLINE']);
  await Promise.allSettled(READS.map((read) => sick.accounts[read](DHAN))); // a breaker opens at the fifth in a row
  await time.until('told as an error', () => sick.connection(DHAN).state.status === 'error');
  for (const userId of others) assert.equal(algo.user(userId).connection(DHAN).state.status, 'connected');
}

async function oneIsDiagnosed({ algo, wire, table, time }) {
  const sick = algo.user(SICK);
  const { text, findings } = await sick.diagnose(DHAN, { probe: stayHere });
  table.note(text.replaceAll(/^/gm, '   | '));
  const [first] = findings;
  assert.ok(first.what.includes('api.dhan.co')); // the names of the hosts are the real ones, whoever stands in for them
  assert.match(text, /Breakers: reads open/);
  assert.match(text, new RegExp(`Egress: from ${addressOf(SICK)}`));

  wire.free(addressOf(SICK));
  await time.until('connected again', () => sick.connection(DHAN).state.status === 'connected');
  table.note('   The wire is mended, and the connection came back by itself.');
}

async function oneIsGreedy({ algo, table }) {
  const greedy = algo.user(GREEDY);
  const asked = Promise.allSettled(Array.from({ length: 100 }, () => greedy.accounts.funds(DHAN)));
  const other = await algo.user(USERS[0]).accounts.funds(DHAN);
  assert.equal(other.stale, false);
  const refused = (await asked).filter(({ reason }) => reason?.code === 'ALGO_TOO_MANY');
  assert.equal(refused.length, 92);
  table.note(`   8 were asked, ${refused.length} refused with ALGO_TOO_MANY, and nobody waited for them.`);
}

async function oneStops({ algo, table }) {
  const leaving = algo.user(LEAVING);
  await leaving.stop();
  assert.equal(leaving.status, 'stopped');
  show(leaving, table);
  await assert.rejects(leaving.accounts.funds(DHAN), { code: 'ALGO_USER_STOPPED' });
  assert.equal((await buy(algo.user(USERS[0]), 'second', table)).kind, 'accepted');
  table.note(`   ${LEAVING} is stopped; ${USERS[0]} traded.`);
}

async function twoAreFamily({ algo, newAlgo, simulator, table }) {
  await Promise.all(SHARING.map((userId) => algo.user(userId).stop()));
  const before = simulator.ledger().length;
  const family = newAlgo({ families: [SHARING] });
  await addUsers(family, simulator, SHARING);
  for (const userId of SHARING) {
    const me = family.user(userId);
    const report = await me.start({ connections: [DHAN] });
    assert.ok(report.ok);
  }
  for (const userId of SHARING) {
    assert.equal((await buy(family.user(userId), 'as-a-family', table)).kind, 'accepted');
  }
  assert.equal(simulator.ledger().length, before + 2);
  await family.close();
  table.note('   Both orders went out. Only declare a family that is one: it is the exchange that asks.');
}

/** A diagnosis visits the broker's hosts. In this example they all are at the end of a jammed wire on this machine. */
const stayHere = {
  addresses: async () => ['127.0.0.1'],
  visit: () => new Promise(() => undefined),
};

/** A loop over one user's events; it ends when the user stops. */
async function follow(me, table) {
  for await (const { connection, state, previous } of me.events('connection-changed')) {
    if (me.status !== 'stopping') show(me, table);
    if (state.status !== 'error' || previous.status === 'error') continue;
    table.note(`   ${me.userId}: ${connection.broker} ${state.status} (${state.code})`);
  }
}

const ordersOf = new WeakMap();

function show(me, table) {
  const statuses = new Map(me.getConnectionStatus().map(({ broker, state }) => [broker, state.status]));
  const of = (broker) => statuses.get(broker) ?? '-';
  table.row(me.userId, addressOf(me.userId), of('dhan'), of('kotak'), ordersOf.get(me) ?? 'none', me.status);
}

async function buy(me, clientOrderId, table, connection = DHAN) {
  const outcome = await me.orders.place({
    clientOrderId,
    instrument: 'NSE:RELIANCE',
    side: 'BUY',
    quantity: 1,
    type: 'LIMIT',
    price: 1390,
    product: 'CNC',
    connection,
  });
  const why = outcome.kind === 'not-sent' ? ` (${outcome.proof.why})` : '';
  ordersOf.set(me, `${clientOrderId}: ${outcome.kind}${why}`);
  show(me, table);
  return outcome;
}
