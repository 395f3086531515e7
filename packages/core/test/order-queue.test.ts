import { expect, onTestFinished, test } from 'vitest';
import type { OrderRouting } from '../src/orders/order-routing.js';
import type { OrderRoad } from '../src/orders/order-road.js';
import { createWorld, limitBuy, notConnected, reliance, rowsOf, USER } from './scripted-brokers.js';
import type { Process, ProcessOptions, ScriptedBroker, World } from './scripted-brokers.js';

const queueing =
  (forMs = 60_000) =>
  ([road]: readonly OrderRoad[]): OrderRouting => {
    if (road === undefined) throw new Error('no road');
    return {
      first: () => ({ road, queueForMs: null }),
      after: () => ({ kind: 'queue', forMs }),
      goesOn: () => true,
      mayDrain: () => true,
    };
  };

interface Setting {
  readonly world: World;
  readonly broker: ScriptedBroker;
  readonly first: Process;
}

async function setting(options: ProcessOptions = {}): Promise<Setting> {
  const world = await createWorld(['one']);
  const first = await world.run(world.start({ routes: queueing(), ...options }));
  onTestFinished(() => world.run(first.close()));
  return { world, broker: brokerOf(world), first };
}

function brokerOf({ brokers: [broker] }: World): ScriptedBroker {
  if (broker === undefined) throw new Error('no broker');
  return broker;
}

async function startAgain(world: World, options: ProcessOptions = {}): Promise<Process> {
  const next = await world.run(world.start({ routes: queueing(), ...options }));
  onTestFinished(() => world.run(next.close()));
  return next;
}

const down = (broker: ScriptedBroker): void => {
  broker.refuses = notConnected('one');
  broker.connected = false;
};

function up(broker: ScriptedBroker): void {
  broker.refuses = null;
  broker.connected = true;
}

async function pass(world: World, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) await world.clock.advance(Math.min(500, left));
}

test('an order that cannot go waits, and goes once when its connection is back', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  const placed = await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  expect(placed).toEqual({ kind: 'queued', clientOrderId: 'c1', expiresAtMs: world.clock.now() + 60_000 });
  const waiting = await world.run(first.desk.queued());
  expect(waiting.map(({ clientOrderId, outcome }) => [clientOrderId, outcome.kind])).toEqual([['c1', 'queued']]);
  expect(first.events.filter(([name]) => name === 'order-queued')).toHaveLength(1);

  await pass(world, 10_000);
  expect(broker.asked).toEqual([]);
  up(broker);
  await pass(world, 2_500);
  expect(broker.ledger).toHaveLength(1);
  expect(await world.run(first.desk.get('c1'))).toMatchObject({
    outcome: { kind: 'accepted', brokerOrderId: 'one-1' },
  });
  expect(await world.run(first.desk.queued())).toEqual([]);
  await pass(world, 120_000);
  expect(broker.asked).toHaveLength(1);
});

test('a connection that comes up is not waited for until the next look', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  up(broker);
  first.desk.drain(broker.ref);
  await world.clock.advance(4);
  expect(broker.ledger).toHaveLength(1);
});

test('the same order asked for again while it waits is told so, and is not queued twice', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  const one = await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  await world.clock.advance(1_000);
  expect(await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })))).toEqual(one);
  await expect(world.run(first.desk.place(limitBuy({ clientOrderId: 'c1', quantity: 2 })))).rejects.toMatchObject({
    code: 'ALGO_CLIENT_ORDER_ID_REUSED',
  });
  up(broker);
  await pass(world, 5_000);
  expect(broker.asked).toHaveLength(1);
});

test('a row is in the journal, durable, before the order is called queued', async () => {
  let release: () => void = () => undefined;
  const { world, broker, first } = await setting({
    journal: (journal) => ({
      ...journal,
      add: async (row) => {
        if (row.state === 'INTENT') await new Promise<void>((resolve) => (release = resolve));
        return journal.add(row);
      },
    }),
  });
  down(broker);
  const placing = first.desk.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 10_000 }));
  let answered = false;
  void placing.then(() => (answered = true));
  await pass(world, 3_000);
  expect(answered).toBe(false);
  release();
  expect((await world.run(placing)).kind).toBe('queued');
});

test('a journal that does not say whether it took the row leaves it unknown, and then unsent for good', async () => {
  let release: () => void = () => undefined;
  const { world, broker, first } = await setting({
    journal: (journal) => ({
      ...journal,
      add: async (row) => {
        if (row.state === 'INTENT') await new Promise<void>((resolve) => (release = resolve));
        return journal.add(row);
      },
    }),
  });
  down(broker);
  const placed = await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1', deadlineMs: 1_000 })));
  expect(placed.kind).toBe('unknown');
  up(broker);
  release();
  const settled = placed.kind === 'unknown' ? await world.run(placed.settled) : placed;
  expect(settled).toMatchObject({ kind: 'not-sent', proof: { why: 'journal-unavailable' } });
  await pass(world, 10_000);
  expect(broker.asked).toEqual([]);
});

test('what expired is not sent, and can never be', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  await pass(world, 60_500);
  expect(await world.run(first.desk.get('c1'))).toMatchObject({
    state: 'NOT_SENT',
    outcome: { kind: 'not-sent', proof: { by: 'gate', why: 'expired' } },
  });
  up(broker);
  await pass(world, 10_000);
  expect(broker.asked).toEqual([]);
});

test('a wall clock that jumps back does not let it go after its time', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  world.clock.jump(-600_000);
  await pass(world, 61_000);
  up(broker);
  await pass(world, 10_000);
  expect(broker.asked).toEqual([]);
});

test('it never waits past the close of its segment', async () => {
  const { world, broker, first } = await setting({ routes: queueing(86_400_000) });
  down(broker);
  const placed = await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  expect(placed).toMatchObject({ kind: 'queued', expiresAtMs: Date.UTC(2026, 10, 20, 10) }); // 15:30 IST
  world.clock.jump(6 * 3_600_000);
  const late = await world.run(first.desk.place(limitBuy({ clientOrderId: 'c2' })));
  expect(late).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'expired' } });
});

test('a cancel takes it out of the queue unsent, and again finds nothing', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  const cancelled = await world.run(first.desk.cancel({ clientOrderId: 'c1' }));
  expect(cancelled).toMatchObject({ kind: 'not-sent', proof: { why: 'order-not-at-broker' } });
  expect(await world.run(first.desk.get('c1'))).toMatchObject({ outcome: { proof: { why: 'cancelled' } } });
  up(broker);
  await pass(world, 5_000);
  expect(broker.asked).toEqual([]);
  expect((await world.run(first.desk.cancel({ clientOrderId: 'c1' }))).kind).toBe('not-sent');
});

test('a cancel from another process takes it out as well', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  const second = await startAgain(world);
  expect((await world.run(second.desk.cancel({ clientOrderId: 'c1' }))).kind).toBe('not-sent');
  up(broker);
  await pass(world, 5_000);
  expect(broker.asked).toEqual([]);
});

test('a cancel that finds it claimed a moment before goes to the broker instead', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  const second = await startAgain(world, {
    journal: (journal) => ({
      ...journal,
      move: async (move) => {
        if (move.to === 'NOT_SENT' && broker.ledger.length === 0) {
          up(broker);
          first.desk.drain(broker.ref);
          for (let turns = 0; turns < 50; turns += 1) await Promise.resolve();
        }
        return journal.move(move);
      },
    }),
  });
  expect(await world.run(second.desk.cancel({ clientOrderId: 'c1' }))).toMatchObject({ kind: 'accepted' });
  expect(broker.ledger.map(({ order }) => order.status)).toEqual(['CANCELLED']);
});

test('a modify of an order that waits is refused by name', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  const modified = await world.run(first.desk.modify({ clientOrderId: 'c1', price: 1_380 }));
  expect(modified).toMatchObject({ kind: 'not-sent', proof: { why: 'order-not-at-broker' } });
});

test('exits go first, then the oldest', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  for (const [clientOrderId, quantity, reduceOnly] of [
    ['c1', 1, false],
    ['c2', 2, false],
    ['c3', 3, true],
  ] as const) {
    await world.run(first.desk.place(limitBuy({ clientOrderId, quantity, reduceOnly })));
    await world.clock.advance(10);
  }
  expect((await world.run(first.desk.queued())).map(({ clientOrderId }) => clientOrderId)).toEqual(['c3', 'c1', 'c2']);
  up(broker);
  await pass(world, 3_000);
  expect(broker.ledger.map(({ order }) => order.quantity)).toEqual([3, 1, 2]);
});

test('one at a time: the next goes when the one before was answered', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  for (const clientOrderId of ['c1', 'c2']) await world.run(first.desk.place(limitBuy({ clientOrderId })));
  broker.answer = () => ({ kind: 'accept', afterMs: 1_000 });
  up(broker);
  first.desk.drain(broker.ref);
  await world.clock.advance(500);
  expect(broker.asked).toHaveLength(1);
  await pass(world, 1_500);
  expect(broker.asked).toHaveLength(2);
});

test('nothing goes before the book of the account was read', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  await world.run(first.kill());
  up(broker);
  const second = await startAgain(world, { unread: true });
  const [road] = second.roads;
  await world.run(road?.startUp.adopt() ?? Promise.resolve());
  await pass(world, 5_000);
  expect(broker.asked).toEqual([]);
  await world.run(road?.startUp.run() ?? Promise.resolve());
  await pass(world, 5_000);
  expect(broker.asked).toHaveLength(1);
});

test('it outlives its process: the next one sends it, within its time', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  await world.run(first.kill());
  const second = await startAgain(world);
  expect((await world.run(second.desk.queued())).map(({ clientOrderId }) => clientOrderId)).toEqual(['c1']);
  up(broker);
  await pass(world, 2_500);
  expect(await world.run(second.desk.get('c1'))).toMatchObject({ outcome: { kind: 'accepted' } });
});

test('closing the manager leaves it waiting in the journal, for the next start', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  await world.run(first.close());
  expect(world.clock.timers).toBe(0);
  expect((await rowsOf(world.store, 'c1')).at(-1)?.state).toBe('INTENT');
  const second = await startAgain(world);
  up(broker);
  await pass(world, 2_500);
  expect(await world.run(second.desk.get('c1'))).toMatchObject({ outcome: { kind: 'accepted' } });
});

test('a process that starts after its time ends it unsent', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  await world.run(first.kill());
  up(broker);
  await pass(world, 61_000);
  const second = await startAgain(world);
  await pass(world, 3_000);
  expect(broker.asked).toEqual([]);
  expect(await world.run(second.desk.get('c1'))).toMatchObject({ outcome: { proof: { why: 'expired' } } });
});

test('of two processes that could send it, one does', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  const second = await startAgain(world);
  for (let at = 0; at < 10; at += 1) await world.run(first.desk.place(limitBuy({ clientOrderId: `c${at}` })));
  up(broker);
  first.desk.drain(broker.ref);
  second.desk.drain(broker.ref);
  await pass(world, 10_000);
  expect(broker.asked).toHaveLength(10);
  expect(new Set(broker.asked.map(({ tag }) => tag)).size).toBe(10);
});

test('an order that no longer passes the checks is not sent', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  broker.listing = reliance({ lotSize: 10 });
  up(broker);
  await pass(world, 2_500);
  expect(broker.asked).toEqual([]);
  expect(await world.run(first.desk.get('c1'))).toMatchObject({ outcome: { proof: { by: 'gate', why: 'not-valid' } } });
});

test('nothing goes to a broker that the user has switched off', async () => {
  let off = false;
  const { world, broker, first } = await setting({ isOff: () => off });
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  off = true;
  up(broker);
  await pass(world, 61_000);
  expect(broker.asked).toEqual([]);
  expect(await world.run(first.desk.get('c1'))).toMatchObject({ outcome: { proof: { why: 'expired' } } });
});

const { price: _price, ...marketBuy } = limitBuy({ clientOrderId: 'c1', type: 'MARKET' });

test.each([
  ['a market order', ['MARKET', 'LIMIT'], {}],
  ['a price tolerance', ['LIMIT'], { emulate: { withinPercent: 1 } }],
] as const)('%s goes only with a quote younger than five seconds', async (_what, orderTypes, changes) => {
  for (const quoteAgeMs of [4_900, 5_100]) {
    const { world, broker, first } = await setting();
    broker.orderTypes = orderTypes;
    down(broker);
    expect((await world.run(first.desk.place({ ...marketBuy, ...changes }))).kind).toBe('queued');
    broker.quoteAgeMs = quoteAgeMs;
    up(broker);
    await pass(world, 2_500);
    const { outcome } = (await world.run(first.desk.get('c1'))) ?? {};
    if (quoteAgeMs < 5_000) expect(outcome).toMatchObject({ kind: 'accepted' });
    else expect(outcome).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'no-quote' } });
  }
});

test('no more wait than the limit, and each that is refused is told so and kept so', async () => {
  const { world, broker, first } = await setting({ queueLimit: 2 });
  down(broker);
  for (const clientOrderId of ['c1', 'c2']) await world.run(first.desk.place(limitBuy({ clientOrderId })));
  const third = await world.run(first.desk.place(limitBuy({ clientOrderId: 'c3' })));
  expect(third).toMatchObject({ kind: 'not-sent', proof: { by: 'gate', why: 'queue-full' } });
  expect(await world.run(first.desk.get('c3'))).toMatchObject({ outcome: third });
  await world.run(first.desk.cancel({ clientOrderId: 'c1' }));
  await pass(world, 2_500);
  expect((await world.run(first.desk.place(limitBuy({ clientOrderId: 'c4' })))).kind).toBe('queued');
});

test('one that its broker could not be asked about waits on until its own time is over', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  broker.answer = () => ({ kind: 'unsent' });
  up(broker);
  await pass(world, 20_000);
  expect(await world.run(first.desk.queued())).toHaveLength(1);
  broker.answer = () => ({ kind: 'accept' });
  await pass(world, 3_000);
  expect(broker.ledger).toHaveLength(1);
  const rows = await rowsOf(world.store, 'c1');
  expect(rows.slice(0, -1).every(({ state }) => state === 'NOT_SENT')).toBe(true);
  expect(rows.at(-1)?.state).toBe('ACKNOWLEDGED');
});

test('one whose outcome is unknown does not go again', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  broker.answer = () => ({ kind: 'lost', taken: false });
  up(broker);
  await pass(world, 300_000);
  expect(broker.asked).toHaveLength(1);
});

test('what waited when the journal lost rows is looked for and not sent', async () => {
  const { world, broker, first } = await setting();
  down(broker);
  await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })));
  await world.clock.advance(10);
  first.desk.journalWentBack();
  up(broker);
  await pass(world, 5_000);
  expect(broker.asked).toEqual([]);
  const row = (await rowsOf(world.store, 'c1')).at(-1);
  expect(row?.state).toBe('AMBIGUOUS');
  await pass(world, 200_000);
  expect((await rowsOf(world.store, 'c1')).at(-1)?.state).toBe('UNRESOLVED'); // an empty book proves nothing
});

test('an order that has to wait before it was ever tried is one row', async () => {
  const world = await createWorld(['one']);
  const first = await world.run(
    world.start({
      routes: ([road]) => ({
        first: () => (road === undefined ? Promise.reject(new Error('no road')) : { road, queueForMs: 30_000 }),
        after: () => ({ kind: 'end' }),
        goesOn: () => true,
        mayDrain: () => true,
      }),
    }),
  );
  onTestFinished(() => world.run(first.close()));
  expect((await world.run(first.desk.place(limitBuy({ clientOrderId: 'c1' })))).kind).toBe('queued');
  await pass(world, 2_500);
  expect(await rowsOf(world.store, 'c1')).toMatchObject([{ number: 1, state: 'ACKNOWLEDGED', userId: USER }]);
});
