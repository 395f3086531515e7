import assert from 'node:assert/strict';
import { toRupees } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { codeOf, onStage, tagOf } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';

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
        const { adapter, call, clock, listing } = stage;
        const { id, price } = await filled(stage, {}, tagOf(1));
        await filled(stage, { quantity: 3 }, tagOf(2));
        const trades = await adapter.trades(call);
        const trade = trades.find(({ brokerOrderId }) => brokerOrderId === id);
        assert.equal(trades.length, 2);
        assert.ok(trade);
        assert.deepEqual(
          [trade.instrument, trade.side, trade.quantity, trade.price],
          [listing(options.instruments.share).instrument, 'BUY', 10, price],
        );
        assert.ok(trade.tradeId.length > 0);
        assert.ok(trade.tradedAtMs === null || Math.abs(trade.tradedAtMs - clock.now()) < 2_000, 'its time is wrong');
        assert.deepEqual(await adapter.tradesOf(id, call), [trade]);
      }));
  });
}

export function positionsGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('positions', () => {
    test('an account without positions has none', () =>
      onStage(options, async ({ adapter, call }) => assert.deepEqual(await adapter.positions(call), [])));

    test('bought is positive, sold beyond it is negative, in units and rupees', () =>
      onStage(options, async (stage) => {
        const { adapter, call } = stage;
        const { price } = await filled(stage, {}, tagOf(1));
        const [long, ...others] = await adapter.positions(call);
        assert.ok(long && others.length === 0);
        assert.deepEqual(
          [long.instrument, long.quantity, long.boughtQuantity],
          [options.instruments.share.instrument, 10, 10],
        );
        assert.equal(long.averageBuyPrice, price);
        const above = stage.resting({ price: (stage.resting().price ?? 0) + 400_000 }).price;
        await filled(stage, { side: 'SELL', quantity: 25, price: above }, tagOf(2));
        const [short] = await adapter.positions(call);
        assert.deepEqual([short?.quantity, short?.soldQuantity], [-15, 25]);
      }));

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
          assert.ok(holding && others.length === 0);
          assert.deepEqual([holding.instrument, holding.quantity, holding.averagePrice], [instrument, 25, 1_200.5]);
          assert.ok(holding.availableQuantity <= 25 && holding.availableQuantity >= 0);
        },
        { holdings: [{ instrument, quantity: 25, averagePrice: 1_200.5 }] },
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

/** Where the capabilities say that there is no margin call, asking says so too. */
export function noMarginGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('margin', () => {
    test('is not offered, and says so', () =>
      onStage(options, async ({ adapter, call, resting, subject }) => {
        assert.equal(subject.definition.capabilities.margin, false);
        assert.equal(await codeOf(adapter.margin(resting(), call)), 'ALGO_NOT_SUPPORTED');
      }));
  });
}
