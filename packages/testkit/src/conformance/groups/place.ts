import assert from 'node:assert/strict';
import { ORDER_TYPES, VALIDITIES, parsePrice, toRupees } from '@algo/core/adapter';
import type { OrderType, PlaceCommand, Side } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { codeOf, onStage, roundedDown, tagOf } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';

/** What arrives at the venue is what was asked for, whole, once. */
export function placeGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  const { share, derivatives } = options.instruments;

  describe('place', () => {
    for (const side of ['BUY', 'SELL'] as const satisfies readonly Side[]) {
      test(`a limit ${side} arrives once, with its side, quantity, price and tag`, () =>
        onStage(options, async ({ adapter, call, resting, venue }) => {
          const price = side === 'BUY' ? 0.99 : 1.01;
          const rupees = roundedDown(venue.exchange.lastPrice(share.venue) * price);
          const command = resting({ side, quantity: 7, price: parsePrice(rupees) });
          const reply = await adapter.placeOrder(command, call);
          assert.equal(reply.kind, 'acknowledged', JSON.stringify(reply));
          const [order, ...others] = venue.ledger();
          assert.ok(order && others.length === 0, `${venue.ledger().length} orders arrived`);
          assert.equal(order.side, side);
          assert.equal(order.quantity, 7);
          assert.equal(order.price, rupees);
          assert.equal(order.tag, command.tag);
          assert.equal(order.instrumentId, share.venue);
          assert.equal(reply.kind === 'acknowledged' && reply.brokerOrderId, order.brokerOrderId);
        }));
    }

    test('a price between two rupees arrives as it is', () =>
      onStage(options, async ({ placed, venue, listing }) => {
        const tick = toRupees(listing(share).tick);
        const price = Math.round((roundedDown(venue.exchange.lastPrice(share.venue) * 0.99) + tick) * 10_000) / 10_000;
        await placed({ price: parsePrice(price) });
        assert.equal(venue.ledger()[0]?.price, price);
      }));

    test('every order type, product and validity of the capabilities is taken', () =>
      onStage(options, async (stage) => {
        const { orderTypes, validities } = stage.subject.definition.capabilities;
        let count = 0;
        for (const type of orderTypes) {
          for (const validity of validities) {
            count += 1;
            await stage.placed({ tag: tagOf(count), validity, ...pricesOf(stage, type) });
          }
        }
        for (const product of ['CNC', 'MIS'] as const) {
          if (!stage.subject.definition.capabilities.products.includes(product)) continue;
          count += 1;
          await stage.placed({ tag: tagOf(count), product });
        }
        assert.equal(stage.venue.ledger().length, count);
      }));

    test('what the capabilities leave out is refused before anything is sent', () =>
      onStage(options, async (stage) => {
        const { adapter, call, resting, subject, http } = stage;
        const { orderTypes, validities } = subject.definition.capabilities;
        const before = http.requests.length;
        for (const type of ORDER_TYPES.filter((candidate) => !orderTypes.includes(candidate))) {
          assert.equal(
            await codeOf(adapter.placeOrder(resting(pricesOf(stage, type)), call)),
            'ALGO_NOT_SUPPORTED',
            type,
          );
        }
        for (const validity of VALIDITIES.filter((candidate) => !validities.includes(candidate))) {
          assert.equal(await codeOf(adapter.placeOrder(resting({ validity }), call)), 'ALGO_NOT_SUPPORTED', validity);
        }
        assert.equal(http.requests.length, before);
      }));

    test('contracts are ordered in units, whatever the broker counts in', () =>
      onStage(options, async ({ listing, placed, venue }) => {
        for (const [index, of] of derivatives.entries()) {
          const contract = listing(of);
          const price = parsePrice(roundedDown(venue.exchange.lastPrice(of.venue) * 0.95));
          const quantity = contract.lotSize * 2;
          await placed({ listing: contract, product: 'NRML', quantity, price, tag: tagOf(100 + index) });
          assert.equal(venue.ledger().at(-1)?.quantity, quantity, of.instrument);
          assert.equal(venue.ledger().at(-1)?.instrumentId, of.venue);
        }
      }));

    test('the longest tag arrives whole, and a longer one is refused before anything is sent', () =>
      onStage(options, async ({ adapter, call, resting, placed, subject, venue, http }) => {
        const { tagLength } = subject.definition.capabilities.orderIdentity;
        const tag = tagOf(31 ** 5, tagLength);
        await placed({ tag });
        assert.equal(venue.ledger()[0]?.tag, tag);
        const before = http.requests.length;
        assert.equal(await codeOf(adapter.placeOrder(resting({ tag: `${tag}A` }), call)), 'ALGO_INVALID_INPUT');
        assert.equal(http.requests.length, before);
      }));
  });
}

/** Prices that fit the type and let the order rest, or fill at once where it must. */
function pricesOf({ options, venue }: Stage, type: OrderType): Pick<PlaceCommand, 'type' | 'price' | 'triggerPrice'> {
  const last = venue.exchange.lastPrice(options.instruments.share.venue);
  const above = (share: number) => parsePrice(roundedDown(last * share));
  switch (type) {
    case 'MARKET':
      return { type, price: null, triggerPrice: null };
    case 'LIMIT':
      return { type, price: above(0.99), triggerPrice: null };
    case 'SL':
      return { type, price: above(1.02), triggerPrice: above(1.01) };
    case 'SL-M':
      return { type, price: null, triggerPrice: above(1.01) };
  }
}
