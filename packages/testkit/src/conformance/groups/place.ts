import assert from 'node:assert/strict';
import { ORDER_TYPES, PRODUCTS, VALIDITIES, parsePrice, toRupees } from '@algo/core/adapter';
import type { OrderType, PlaceCommand, Product, Side, TenThousandths } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { assertRefusedUnsent, onStage, roundedDown, tagOf } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions, SubjectInstrument, VenueOrder } from '../subject.js';

export const FOR_SHARES: readonly Product[] = ['CNC', 'MIS', 'MTF'];
const FOR_CONTRACTS: readonly Product[] = ['NRML', 'MIS'];

/** What arrives at the exchange is what was asked for, whole, once. */
export function placeGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  const { share, derivatives } = options.instruments;

  describe('place', () => {
    for (const side of ['BUY', 'SELL'] as const satisfies readonly Side[]) {
      test(`a limit ${side} arrives once, as it was asked for, and the reply names it`, () =>
        onStage(options, async ({ adapter, call, resting, venue }) => {
          const price = side === 'BUY' ? 0.99 : 1.01;
          const rupees = roundedDown(venue.exchange.lastPrice(share.venue) * price);
          const command = resting({ side, quantity: 7, price: parsePrice(rupees) });
          const reply = await adapter.placeOrder(command, call);
          assert.equal(reply.kind, 'acknowledged', JSON.stringify(reply));
          assert.equal(venue.ledger().length, 1, `${venue.ledger().length} orders arrived`);
          const order = assertArrived(venue.ledger(), command, share);
          assert.equal(reply.kind === 'acknowledged' && reply.brokerOrderId, order.brokerOrderId);
        }));
    }

    test('a price between two rupees arrives as it is', () =>
      onStage(options, async ({ placed, venue, listing }) => {
        const tick = toRupees(Math.max(listing(share).tick, 1_000)); // a master's tick may be older than the exchange's
        const price = Math.round((roundedDown(venue.exchange.lastPrice(share.venue) * 0.99) + tick) * 10_000) / 10_000;
        await placed({ price: parsePrice(price) });
        assert.equal(venue.ledger()[0]?.price, price);
      }));

    test('every order type and validity of the capabilities arrives as what it is', () =>
      onStage(options, async (stage) => {
        const { orderTypes, validities } = stage.subject.definition.capabilities;
        let count = 0;
        for (const type of orderTypes) {
          for (const validity of validities) {
            count += 1;
            const changes = { tag: tagOf(count), validity, ...pricesOf(stage, type) };
            await stage.placed(changes);
            assertArrived(stage.venue.ledger(), stage.resting(changes), share);
          }
        }
        assert.equal(stage.venue.ledger().length, count);
      }));

    test('every product of the capabilities that shares trade in arrives as what it is', () =>
      onStage(options, async (stage) => {
        const products = FOR_SHARES.filter((product) =>
          stage.subject.definition.capabilities.products.includes(product),
        );
        for (const [index, product] of products.entries()) {
          const changes = { tag: tagOf(index + 1), product };
          await stage.placed(changes);
          assertArrived(stage.venue.ledger(), stage.resting(changes), share);
        }
        assert.equal(stage.venue.ledger().length, products.length);
      }));

    test('what the capabilities leave out is refused before anything is sent', () =>
      onStage(options, async (stage) => {
        const { adapter, call, resting, subject } = stage;
        const { orderTypes, validities, products } = subject.definition.capabilities;
        const refused = (what: string, changes: Partial<PlaceCommand>): Promise<void> =>
          assertRefusedUnsent(stage, () => adapter.placeOrder(resting(changes), call), 'ALGO_NOT_SUPPORTED', what);
        for (const type of ORDER_TYPES) if (!orderTypes.includes(type)) await refused(type, pricesOf(stage, type));
        for (const validity of VALIDITIES) if (!validities.includes(validity)) await refused(validity, { validity });
        for (const product of PRODUCTS) if (!products.includes(product)) await refused(product, { product });
      }));

    test('contracts are ordered in units, whatever the broker counts in, and in every product they trade in', () =>
      onStage(options, async ({ listing, resting, placed, venue, subject }) => {
        const { products } = subject.definition.capabilities;
        let count = 0;
        for (const of of derivatives) {
          for (const product of FOR_CONTRACTS.filter((candidate) => products.includes(candidate))) {
            count += 1;
            const contract = listing(of);
            const price = parsePrice(roundedDown(venue.exchange.lastPrice(of.venue) * 0.95));
            const changes = { listing: contract, product, quantity: contract.lotSize * 2, price, tag: tagOf(count) };
            await placed(changes);
            assertArrived(venue.ledger(), resting(changes), of);
          }
        }
        assert.equal(venue.ledger().length, count);
      }));

    test('the longest tag arrives whole, and a longer one is refused before anything is sent', () =>
      onStage(options, async (stage) => {
        const { adapter, call, resting, placed, subject, venue } = stage;
        const { tagLength } = subject.definition.capabilities.orderIdentity;
        const tag = tagOf(31 ** 5, tagLength);
        await placed({ tag });
        assert.equal(venue.ledger()[0]?.tag, tag);
        const longer = resting({ tag: `${tag}A` });
        await assertRefusedUnsent(stage, () => adapter.placeOrder(longer, call), 'ALGO_INVALID_INPUT', 'a longer tag');
      }));
  });
}

/** Fails unless the last order that arrived is the one that was asked for, in everything that the exchange knows of it. */
function assertArrived(
  ledger: readonly VenueOrder[],
  command: PlaceCommand,
  { instrument, venue }: SubjectInstrument,
): VenueOrder {
  const order = ledger.at(-1);
  assert.ok(order, 'no order arrived');
  const { tag, side, instrumentId, product, type, validity, quantity, price, triggerPrice } = order;
  // A broker may protect a market order by a limit. Its price is the broker's own.
  const protectedMarket = command.type === 'MARKET' && order.wasMarket === true;
  assert.deepEqual(
    { tag, side, instrumentId, product, type, validity, quantity, price, triggerPrice },
    {
      tag: command.tag,
      side: command.side,
      instrumentId: venue,
      product: command.product,
      type: protectedMarket ? 'LIMIT' : command.type,
      validity: command.validity,
      quantity: command.quantity,
      price: protectedMarket ? price : rupeesOf(command.price),
      triggerPrice: rupeesOf(command.triggerPrice),
    },
    `the ${command.type} order in ${instrument}`,
  );
  return order;
}

const rupeesOf = (price: TenThousandths | null): number => (price === null ? 0 : toRupees(price));

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
