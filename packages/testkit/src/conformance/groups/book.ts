import assert from 'node:assert/strict';
import { isTerminal } from '@algo/core';
import { toRupees } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { codeOf, errorOf, onStage, tagOf } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';
import { stopOf } from './change.js';
import { FOR_SHARES } from './place.js';

/** More than any broker shows on one page. */
const MANY = 60;

/** The order book, one order, and an order by its tag. Whether an order is found again hangs on this. */
export function bookGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  const { statuses, book, bookWithBadRow, errors } = options.samples;

  describe('book and tag', () => {
    test('an account without orders has a whole, empty book', () =>
      onStage(options, async ({ adapter, call }) => {
        assert.deepEqual(await adapter.orderBook(call), { orders: [], complete: true });
      }));

    test('a placed order is there as it was placed, with its tag', () =>
      onStage(options, async ({ adapter, call, resting, placed, clock }) => {
        const command = resting({ tag: tagOf(77) });
        const id = await placed(command);
        const { orders, complete } = await adapter.orderBook(call);
        const [order] = orders;
        assert.ok(complete && order && orders.length === 1);
        assert.deepEqual(
          {
            brokerOrderId: order.brokerOrderId,
            tag: order.tag,
            instrument: order.instrument,
            side: order.side,
            type: order.type,
            product: order.product,
            validity: order.validity,
            quantity: order.quantity,
            filledQuantity: order.filledQuantity,
            price: order.price,
            status: order.status,
          },
          {
            brokerOrderId: id,
            tag: command.tag,
            instrument: command.listing.instrument,
            side: command.side,
            type: command.type,
            product: command.product,
            validity: command.validity,
            quantity: command.quantity,
            filledQuantity: 0,
            price: toRupees(command.price ?? 0),
            status: 'OPEN',
          },
        );
        assert.ok(order.placedAtMs !== null && Math.abs(order.placedAtMs - clock.now()) < 2_000, 'its time is wrong');
        assert.deepEqual(await adapter.order(id, call), order);
      }));

    test('a stop order is there with its trigger', () =>
      onStage(options, async (stage) => {
        const command = stopOf(stage);
        if (command === null) return;
        const { type, price, triggerPrice, status } = await stage.seen(await stage.placed(command));
        const asked = [toRupees(command.price ?? 0), toRupees(command.triggerPrice ?? 0)];
        assert.deepEqual([type, price, triggerPrice, status], ['SL', ...asked, 'TRIGGER_PENDING']);
      }));

    test('every product shows as what it is', () =>
      onStage(options, async ({ adapter, call, placed, subject }) => {
        const { products } = subject.definition.capabilities;
        const asked = FOR_SHARES.filter((product) => products.includes(product));
        for (const [index, product] of asked.entries()) await placed({ tag: tagOf(index + 1), product });
        const { orders } = await adapter.orderBook(call);
        assert.deepEqual(orders.map(({ product }) => product).sort(), [...asked].sort());
      }));

    test(`all of ${MANY} orders are there, each with its own tag`, () =>
      onStage(options, async ({ adapter, call, placed }) => {
        const tags: string[] = [];
        for (let count = 1; count <= MANY; count += 1) {
          tags.push(tagOf(count));
          await placed({ tag: tagOf(count), quantity: 1 });
        }
        const { orders, complete } = await adapter.orderBook(call);
        assert.ok(complete);
        assert.deepEqual(orders.map(({ tag }) => tag).sort(), tags.sort());
      }));

    test('an order is found by its tag where the broker can look, and one that is not there is none', () =>
      onStage(options, async ({ adapter, call, placed, subject }) => {
        const id = await placed({ tag: tagOf(5) });
        const found = await adapter.ordersByTag(tagOf(5), call);
        const { grade } = subject.definition.capabilities.orderIdentity;
        assert.equal(found !== null, grade === 'G2' || grade === 'G3', 'the grade does not fit the look-up');
        if (found === null) return;
        assert.deepEqual(
          found.map(({ brokerOrderId }) => brokerOrderId),
          [id],
        );
        assert.deepEqual(await adapter.ordersByTag(tagOf(6), call), []);
      }));

    test('fills show, in part and in whole, with their average price', () =>
      onStage(options, async ({ placed, seen, venue, resting }) => {
        const price = toRupees(resting().price ?? 0);
        const id = await placed();
        venue.exchange.fill(id, 4, price);
        const part = await seen(id);
        assert.deepEqual([part.status, part.filledQuantity, part.averagePrice], ['PARTIALLY_FILLED', 4, price]);
        venue.exchange.fill(id, 6, price);
        const whole = await seen(id);
        assert.deepEqual([whole.status, whole.filledQuantity, whole.averagePrice], ['FILLED', 10, price]);
      }));

    test('an order that is not there is null', () =>
      onStage(options, async ({ adapter, call, placed }) => {
        assert.equal(await adapter.order('987654321', call), null);
        await placed();
        assert.equal(await adapter.order('987654321', call), null);
      }));

    for (const { word, status } of statuses) {
      test(`the status "${word}" is ${status}`, () =>
        onStage(options, async ({ canned, call }) => {
          const { orders, complete } = await canned(book(word)).adapter.orderBook(call);
          assert.ok(complete && orders.length === 1);
          assert.equal(orders[0]?.status, status);
        }));
    }

    test('a status that nobody knows ends no order, and is reported', () =>
      onStage(options, async ({ canned, call }) => {
        const { adapter, logged } = canned(book('QUITE NEW'));
        const { orders } = await adapter.orderBook(call);
        assert.equal(orders.length, 1);
        assert.ok(orders[0] && !isTerminal(orders[0].status), `it became ${orders[0]?.status}`);
        assert.equal(orders[0].brokerStatus, 'QUITE NEW');
        assert.ok(logged.length > 0, 'nothing was logged');
      }));

    test('a row that cannot be read makes the book incomplete and hides no other', () =>
      onStage(options, async ({ canned, call }) => {
        const { orders, complete } = await canned(bookWithBadRow).adapter.orderBook(call);
        assert.equal(complete, false);
        assert.equal(orders.length, 1);
      }));

    test('an order in a contract that the master does not list is there all the same', () =>
      onStage(options, async ({ call, placed, withoutMaster }) => {
        const id = await placed();
        const adapter = withoutMaster();
        const { orders, complete } = await adapter.orderBook(call);
        assert.ok(complete, 'the book is not whole');
        assert.deepEqual(
          orders.map(({ brokerOrderId, instrument }) => [brokerOrderId, instrument]),
          [[id, null]],
        );
        assert.equal((await adapter.order(id, call))?.instrument, null);
      }));

    for (const [what, status, body] of [
      ['a page in place of the book', 200, '<html>maintenance</html>'],
      ['a page under 503', 503, '<html>maintenance</html>'],
      ['a cut book', 200, '{"data":[{"ord'],
      ['an empty body', 200, ''],
      ['a book that is null', 200, 'null'],
      ['a number', 200, '7'],
      ['a server error', 500, '{}'],
    ] as const) {
      test(`${what} is no book`, () =>
        onStage(options, async ({ canned, call }) => {
          assert.notEqual(await codeOf(canned({ status, body }).adapter.orderBook(call)), 'none');
        }));
    }

    for (const { what, reply, read } of errors) {
      test(`the error ${what} ends a reading of the book as ${read}`, () =>
        onStage(options, async ({ canned, call }) => {
          const { adapter } = canned(reply);
          const error = await errorOf(adapter.orderBook(call));
          assert.equal(error?.code ?? 'none', read);
          if (error?.code === 'ALGO_RATE_LIMITED')
            assert.ok(error.details.retryAfterMs > 0, 'it names no time to wait');
          if (read === 'none') assert.deepEqual(await adapter.orderBook(call), { orders: [], complete: true });
        }));
    }
  });
}
