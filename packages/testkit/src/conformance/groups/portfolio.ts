import assert from 'node:assert/strict';
import { toRupees } from '@algo/core/adapter';
import type { BrokerAdapter } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { codeOf, onStage, tagOf } from '../stage.js';
import type { Stage } from '../stage.js';
import type { CannedReply, ConformanceOptions } from '../subject.js';

/** Places a resting order and fills it whole at its own price. */
async function filled(
  stage: Stage,
  changes: Parameters<Stage['placed']>[0],
  tag: string,
): Promise<{ id: string; price: number }> {
  const command = stage.resting({ tag, ...changes });
  const id = await stage.placed(command);
  const price = toRupees(command.price ?? 0);
  stage.venue.exchange.fill(id, command.quantity, price);
  return { id, price };
}

export function tradesGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('trades', () => {
    test('an account without trades has none', () =>
      onStage(options, async ({ adapter, call }) => assert.deepEqual(await adapter.trades(call), [])));

    test('a fill is a trade with its order, side, quantity, price and time', () =>
      onStage(options, async (stage) => {
        const { adapter, call, clock } = stage;
        const { id, price } = await filled(stage, {}, tagOf(1));
        await filled(stage, { quantity: 3 }, tagOf(2));
        const trades = await adapter.trades(call);
        const trade = trades.find(({ brokerOrderId }) => brokerOrderId === id);
        assert.equal(trades.length, 2);
        assert.ok(trade, 'no trade names the order');
        assert.deepEqual(
          [trade.instrument, trade.side, trade.product, trade.quantity, trade.price],
          [options.instruments.share.instrument, 'BUY', stage.resting().product, 10, price],
        );
        assert.ok(trade.tradeId.length > 0);
        assert.ok(trade.tradedAtMs === null || Math.abs(trade.tradedAtMs - clock.now()) < 2_000, 'its time is wrong');
        assert.deepEqual(await adapter.tradesOf(id, call), [trade]);
      }));

    test('a fill in a contract that the master does not list is there all the same', () =>
      onStage(options, async (stage) => {
        const { id } = await filled(stage, {}, tagOf(1));
        const [trade, ...others] = await stage.withoutMaster().trades(stage.call);
        assert.ok(trade && others.length === 0, 'there is not one trade');
        assert.deepEqual([trade.brokerOrderId, trade.quantity], [id, 10]);
        // A trading symbol alone can tell which share it is.
        assert.ok(
          [null, options.instruments.share.instrument].includes(trade.instrument),
          'it is named as something else',
        );
      }));

    test('a row that cannot be read fails the whole reading: a fill must not vanish', () =>
      onStage(options, (stage) =>
        assertBadRowTells(stage, options.samples.tradesWithBadRow, (adapter) => adapter.trades(stage.call)),
      ));
  });
}

export function positionsGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('positions', () => {
    test('an account without positions has none', () =>
      onStage(options, async ({ adapter, call }) => assert.deepEqual(await adapter.positions(call), [])));

    test('bought is positive, sold beyond it is negative, in units and rupees, under its product', () =>
      onStage(options, async (stage) => {
        const { adapter, call } = stage;
        const { instrument } = options.instruments.share;
        const { product, price: limit } = stage.resting();
        const bought = await filled(stage, {}, tagOf(1));
        const [long, ...others] = await adapter.positions(call);
        assert.ok(long && others.length === 0, 'there is not one position');
        assert.deepEqual(
          [long.instrument, long.product, long.quantity, long.boughtQuantity, long.averageBuyPrice],
          [instrument, product, 10, 10, bought.price],
        );
        assert.deepEqual([long.soldQuantity, long.averageSellPrice], [0, 0]);
        const sold = await filled(stage, { side: 'SELL', quantity: 25, price: (limit ?? 0) + 400_000 }, tagOf(2));
        const [short] = await adapter.positions(call);
        assert.ok(short, 'the position is gone');
        assert.deepEqual(
          [short.instrument, short.product, short.quantity, short.soldQuantity, short.averageSellPrice],
          [instrument, product, -15, 25, sold.price],
        );
        assert.deepEqual([short.boughtQuantity, short.averageBuyPrice], [10, bought.price]);
      }));

    test('a position in a contract that the master does not list is there all the same', () =>
      onStage(options, async (stage) => {
        await filled(stage, {}, tagOf(1));
        const [position, ...others] = await stage.withoutMaster().positions(stage.call);
        assert.ok(position && others.length === 0, 'there is not one position');
        assert.deepEqual([position.instrument, position.quantity], [null, 10]);
      }));

    test('a row that cannot be read fails the whole reading: a position must not vanish', () =>
      onStage(options, (stage) =>
        assertBadRowTells(stage, options.samples.positionsWithBadRow, (adapter) => adapter.positions(stage.call)),
      ));

    test('contracts count in units', () =>
      onStage(options, async (stage) => {
        for (const [index, of] of options.instruments.derivatives.entries()) {
          const listing = stage.listing(of);
          const price = Math.max(1, Math.floor(stage.venue.exchange.lastPrice(of.venue) * 0.95)) * 10_000;
          await filled(stage, { listing, product: 'NRML', quantity: listing.lotSize * 2, price }, tagOf(index + 1));
          const positions = await stage.adapter.positions(stage.call);
          const found = positions.find(({ instrument }) => instrument === of.instrument);
          assert.equal(found?.quantity, listing.lotSize * 2, of.instrument);
        }
      }));
  });
}

export function holdingsGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  const { instrument } = options.instruments.share;

  describe('holdings', () => {
    test('an account without shares has none', () =>
      onStage(options, async ({ adapter, call }) => assert.deepEqual(await adapter.holdings(call), [])));

    test('shares are there with quantity and average price', () =>
      onStage(
        options,
        async ({ adapter, call }) => {
          const [holding, ...others] = await adapter.holdings(call);
          assert.ok(holding && others.length === 0, 'there is not one holding');
          assert.deepEqual([holding.instrument, holding.quantity, holding.averagePrice], [instrument, 25, 1_200.5]);
          assert.ok(holding.availableQuantity <= 25 && holding.availableQuantity >= 0);
        },
        { holdings: [{ instrument, quantity: 25, averagePrice: 1_200.5 }] },
      ));

    test('a share that the master does not list is there all the same', () =>
      onStage(
        options,
        async ({ call, withoutMaster }) => {
          const [holding, ...others] = await withoutMaster().holdings(call);
          assert.ok(holding && others.length === 0, 'there is not one holding');
          assert.deepEqual([holding.instrument, holding.quantity], [null, 25]);
        },
        { holdings: [{ instrument, quantity: 25, averagePrice: 1_200.5 }] },
      ));

    test('a row that cannot be read fails the whole reading: a share must not vanish', () =>
      onStage(options, (stage) =>
        assertBadRowTells(stage, options.samples.holdingsWithBadRow, (adapter) => adapter.holdings(stage.call)),
      ));
  });
}

export function fundsGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('funds', () => {
    test('are rupees, and an order that rests holds some back', () =>
      onStage(options, async ({ adapter, call, placed }) => {
        const before = await adapter.funds(call);
        for (const amount of Object.values(before)) assert.ok(Number.isFinite(amount));
        assert.ok(before.available > 0);
        await placed();
        const after = await adapter.funds(call);
        assert.ok(after.available < before.available, 'nothing is held back');
      }));
  });
}

export function marginGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('margin', () => {
    test('tells what an order would block, in rupees', () =>
      onStage(options, async ({ adapter, call, resting, venue }) => {
        const { required } = await adapter.margin(resting(), call);
        assert.ok(required > 0 && required <= venue.exchange.lastPrice(options.instruments.share.venue) * 10);
        assert.equal(venue.ledger().length, 0, 'it placed an order');
      }));
  });
}

/** Reading fewer rows than there are would pass for having fewer. */
async function assertBadRowTells(
  { canned }: Stage,
  sample: CannedReply | undefined,
  read: (adapter: BrokerAdapter) => Promise<unknown>,
): Promise<void> {
  assert.ok(sample, 'the samples have no such list with a bad row');
  assert.equal(await codeOf(read(canned(sample).adapter)), 'ALGO_REPLY_UNREADABLE');
}
