import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { CLOCK_OFFSET_MS, startBroker } from './support/broker-process.js';
import type { BrokerProcess } from './support/broker-process.js';
import { bundleTrader, startTrader } from './support/trader-process.js';
import type { Trader } from './support/trader-process.js';
import type { Line } from './support/trader-words.js';
import { startTrading, until } from './support/trading.js';

bundleTrader();

const DHAN = { broker: 'dhan', account: 'main' };
const ANGEL = { broker: 'angel', account: 'main' };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'algo-failover-'));
  return () => rm(folder, { recursive: true });
});

test(
  'a bot trades on while its broker freezes, is killed and comes back, and every order is at one broker once',
  { timeout: 120_000 },
  async () => {
    const [dhan, angel] = await Promise.all([
      startBroker('dhan', join(folder, 'dhan')),
      startBroker('angel', join(folder, 'angel')),
    ]);
    const trader = startTrader({
      database: join(folder, 'bot.db'),
      key: join(folder, 'master.key'),
      clockOffsetMs: CLOCK_OFFSET_MS,
      brokers: { dhan: dhan.task, angel: angel.task },
      strategy: {
        primary: DHAN,
        backups: [ANGEL],
        rules: [{ on: 'ERROR_RATE', share: 1, then: 'SWITCH' }],
        recovery: { healthyMs: 2_000 },
      },
      waits: true,
    });
    await trader.ready;
    const has = (step: Line['step'], clue: Partial<Line>): boolean => hasPrinted(trader, step, clue);
    const takes = async (broker: BrokerProcess): Promise<void> => {
      const before = (await broker.ledger()).length;
      await until(async () => (await broker.ledger()).length >= before + 4, 'a broker takes orders');
    };

    await dhan.swallowNextOrder();
    expect((await trader.ask('place', { clientOrderId: 'swallowed', deadlineMs: 500 })).kind).toBe('unknown');
    const trading = startTrading(trader, 'c', 150);
    await takes(dhan);

    dhan.freeze();
    await until(() => trading.quoted.at(-1) === 'angel', 'quotes come from the backup');
    await until(() => has('switched', { broker: 'angel' }), 'entries go to the backup');
    const askedBefore = trading.asked;
    await takes(angel);
    await dhan.kill();
    await takes(angel);
    await dhan.restart();
    await until(() => has('recovered', { broker: 'dhan' }), 'calls return to the primary', 60_000);
    await takes(dhan);
    await trading.stop();

    const { orders = [] } = await trader.ask('orders');
    await trader.close();
    const books = { dhan: await dhan.ledger(), angel: await angel.ledger() };
    const taken = [...books.dhan, ...books.angel];
    expect(new Set(taken.map(({ tag }) => tag)).size).toBe(taken.length);
    const known = orders.filter(({ state }) => state === 'ACKNOWLEDGED' || state === 'FOUND');
    expect(new Set(known.map(({ tag }) => tag))).toEqual(new Set(taken.map(({ tag }) => tag)));

    // What nobody knew stayed where it was, and was looked for there.
    const unknown = [...trading.placed.values()].filter(({ kind }) => kind === 'unknown');
    expect(unknown.length).toBeGreaterThanOrEqual(5); // or the broker was not frozen
    for (const { clientOrderId } of unknown) {
      const order = orders.find((each) => each.clientOrderId === clientOrderId);
      expect(order).toMatchObject({ broker: 'dhan' });
      expect(books.angel.some(({ tag }) => tag === order?.tag)).toBe(false);
    }
    expect(has('settled', { clientOrderId: 'swallowed', kind: 'accepted' })).toBe(true);

    // From the switch on there was a broker for every entry, and for quotes all the time.
    const later = Array.from({ length: trading.asked - askedBefore }, (_, at) => `c${askedBefore + at + 1}`);
    expect(later.filter((id) => trading.placed.get(id)?.kind !== 'accepted')).toEqual([]);
    expect(trading.quoted).not.toContain(null);
  },
);

test('orders that a frozen broker reads late are found there, and are never sent again', async () => {
  const dhan = await startBroker('dhan', join(folder, 'dhan'));
  const trader = startTrader({
    database: join(folder, 'bot.db'),
    key: join(folder, 'master.key'),
    clockOffsetMs: CLOCK_OFFSET_MS,
    brokers: { dhan: dhan.task },
    strategy: { primary: DHAN, backups: [], rules: [{ on: 'TIMEOUT', misses: 1, then: 'QUEUE' }] },
    waits: true,
  });
  await trader.ready;
  const ids = ['late-1', 'late-2', 'late-3'];

  dhan.freeze();
  const outcomes = await Promise.all(
    ids.map((clientOrderId) => trader.ask('place', { clientOrderId, deadlineMs: 600 })),
  );
  dhan.thaw();

  expect(outcomes.map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'unknown']);
  await until(
    () => ids.every((clientOrderId) => hasPrinted(trader, 'settled', { clientOrderId, kind: 'accepted' })),
    'the orders are found',
  );
  await trader.close();
  expect(await dhan.ledger()).toHaveLength(ids.length);
});

const hasPrinted = ({ lines }: Trader, step: Line['step'], clue: Partial<Line>): boolean =>
  lines.some(
    (line) => line.step === step && Object.entries(clue).every(([key, value]) => Reflect.get(line, key) === value),
  );
