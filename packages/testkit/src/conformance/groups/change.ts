import assert from 'node:assert/strict';
import { parsePrice, toRupees } from '@algo/core/adapter';
import type { ModifyCommand, PlaceCommand, WorkingOrder } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { codeOf, endOf, onStage, tagOf } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';

const orderOf = ({ listing, side, type, product }: PlaceCommand): WorkingOrder => ({ listing, side, type, product });

export const changeTo = (
  brokerOrderId: string,
  placed: PlaceCommand,
  changes: Partial<ModifyCommand> = {},
): ModifyCommand => ({
  brokerOrderId,
  tag: tagOf(2),
  order: orderOf(placed),
  quantity: placed.quantity,
  type: placed.type,
  price: placed.price,
  triggerPrice: placed.triggerPrice,
  validity: placed.validity,
  ...changes,
});

/** Changing a working order: absolute values, on the order that was meant. */
export function modifyGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('modify', () => {
    test('sets the new total and the new price', () =>
      onStage(options, async ({ adapter, call, resting, placed, seen }) => {
        const command = resting();
        const id = await placed(command);
        const price = (command.price ?? 0) - 20_000;
        const reply = await adapter.modifyOrder(changeTo(id, command, { quantity: 14, price }), call);
        assert.deepEqual(reply, { kind: 'acknowledged', brokerOrderId: id });
        const order = await seen(id);
        assert.equal(order.quantity, 14);
        assert.equal(order.price, toRupees(price));
      }));

    test('counts what is filled already in the total', () =>
      onStage(options, async ({ adapter, call, resting, placed, seen, venue }) => {
        const command = resting();
        const id = await placed(command);
        venue.exchange.fill(id, 4, toRupees(command.price ?? 0));
        const reply = await adapter.modifyOrder(changeTo(id, command, { quantity: 20 }), call);
        assert.equal(reply.kind, 'acknowledged', JSON.stringify(reply));
        const order = await seen(id);
        assert.deepEqual([order.quantity, order.filledQuantity, order.status], [20, 4, 'PARTIALLY_FILLED']);
      }));

    test('of a stop order moves its trigger', () =>
      onStage(options, async ({ adapter, call, resting, placed, seen, venue, subject }) => {
        if (!subject.definition.capabilities.orderTypes.includes('SL')) return;
        const last = Math.floor(venue.exchange.lastPrice(options.instruments.share.venue));
        const command = resting({ type: 'SL', triggerPrice: parsePrice(last + 5), price: parsePrice(last + 6) });
        const id = await placed(command);
        const change = changeTo(id, command, { triggerPrice: parsePrice(last + 7), price: parsePrice(last + 8) });
        assert.equal((await adapter.modifyOrder(change, call)).kind, 'acknowledged');
        const order = await seen(id);
        assert.deepEqual([order.triggerPrice, order.price, order.status], [last + 7, last + 8, 'TRIGGER_PENDING']);
      }));

    test('of an order that is over is not acknowledged', () =>
      onStage(options, async ({ adapter, call, resting, placed }) => {
        const command = resting();
        const id = await placed(command);
        await adapter.cancelOrder({ brokerOrderId: id, tag: tagOf(3), order: orderOf(command) }, call);
        const end = await endOf(adapter.modifyOrder(changeTo(id, command, { quantity: 11 }), call));
        assert.notEqual(end.kind, 'acknowledged');
      }));
  });
}

/** Cancels: what is filled stays, and what is over stays over. */
export function cancelGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('cancel', () => {
    for (const told of [true, false]) {
      test(`ends the order and keeps what was filled${told ? '' : ', with nothing but its id to go by'}`, () =>
        onStage(options, async ({ adapter, call, resting, placed, seen, venue }) => {
          const command = resting();
          const id = await placed(command);
          venue.exchange.fill(id, 3, toRupees(command.price ?? 0));
          const order = told ? orderOf(command) : null;
          const reply = await adapter.cancelOrder({ brokerOrderId: id, tag: tagOf(2), order }, call);
          assert.deepEqual(reply, { kind: 'acknowledged', brokerOrderId: id });
          const after = await seen(id);
          assert.deepEqual([after.status, after.filledQuantity], ['CANCELLED', 3]);
          const again = await endOf(adapter.cancelOrder({ brokerOrderId: id, tag: tagOf(3), order }, call));
          assert.notEqual(again.kind, 'acknowledged');
        }));
    }

    test('ends a stop order that waits for its trigger', () =>
      onStage(options, async ({ adapter, call, resting, placed, seen, venue, subject }) => {
        if (!subject.definition.capabilities.orderTypes.includes('SL')) return;
        const last = Math.floor(venue.exchange.lastPrice(options.instruments.share.venue));
        const command = resting({ type: 'SL', triggerPrice: parsePrice(last + 5), price: parsePrice(last + 6) });
        const id = await placed(command);
        assert.equal((await seen(id)).status, 'TRIGGER_PENDING');
        const cancel = { brokerOrderId: id, tag: tagOf(2), order: orderOf(command) };
        assert.equal((await adapter.cancelOrder(cancel, call)).kind, 'acknowledged');
        assert.equal((await seen(id)).status, 'CANCELLED');
      }));

    test('of an order that the broker never had is not acknowledged', () =>
      onStage(options, async ({ adapter, call }) => {
        const end = await endOf(adapter.cancelOrder({ brokerOrderId: '987654321', tag: tagOf(2), order: null }, call));
        assert.notEqual(end.kind, 'acknowledged');
      }));

    test('with an id that is none is refused before anything is sent', () =>
      onStage(options, async ({ adapter, call, http }) => {
        const before = http.requests.length;
        for (const brokerOrderId of ['', '../positions', 'a b', 'x?y=1', 'x'.repeat(10_000)]) {
          const code = await codeOf(adapter.cancelOrder({ brokerOrderId, tag: tagOf(2), order: null }, call));
          assert.equal(code, 'ALGO_INVALID_INPUT', JSON.stringify(brokerOrderId.slice(0, 20)));
        }
        assert.equal(http.requests.length, before);
      }));
  });
}
