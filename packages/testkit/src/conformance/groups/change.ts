import assert from 'node:assert/strict';
import { parsePrice, toRupees } from '@algo/core/adapter';
import type { BrokerOrder, ModifyCommand, PlaceCommand, WorkingOrder } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { assertRefusedUnsent, endOf, onStage, tagOf } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';

export const orderOf = ({ tag, listing, side, type, product }: PlaceCommand): WorkingOrder => ({
  tag,
  listing,
  side,
  type,
  product,
});

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

/** Changing a working order: absolute values, on the order that was meant, and nothing but what was meant. */
export function modifyGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('modify', () => {
    test('sets the new total and the new price, and leaves the rest as it was', () =>
      onStage(options, async ({ adapter, call, resting, placed, seen, subject }) => {
        const command = resting();
        const id = await placed(command);
        const before = await seen(id);
        const price = (command.price ?? 0) - 20_000;
        const reply = await adapter.modifyOrder(changeTo(id, command, { quantity: 14, price }), call);
        assert.deepEqual(reply, { kind: 'acknowledged', brokerOrderId: id });
        const after = await seen(id);
        assert.deepEqual(termsOf(after), { ...termsOf(before), quantity: 14, price: toRupees(price) });
        // At grade G0 a change may cost the tag; anywhere else the order is found by it as before.
        if (subject.definition.capabilities.orderIdentity.grade !== 'G0') assert.equal(after.tag, command.tag);
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

    test('of a stop order moves its trigger, and leaves the rest as it was', () =>
      onStage(options, async (stage) => {
        const command = stopOf(stage);
        if (command === null) return;
        const { adapter, call, placed, seen } = stage;
        const id = await placed(command);
        const before = await seen(id);
        const [triggerPrice, price] = [(command.triggerPrice ?? 0) + 20_000, (command.price ?? 0) + 20_000];
        const reply = await adapter.modifyOrder(changeTo(id, command, { triggerPrice, price }), call);
        assert.equal(reply.kind, 'acknowledged', JSON.stringify(reply));
        const moved = { ...termsOf(before), triggerPrice: toRupees(triggerPrice), price: toRupees(price) };
        assert.deepEqual(termsOf(await seen(id)), moved);
      }));

    test('of a stop order into one with a limit arrives, or is refused before anything is sent', () =>
      onStage(options, async (stage) => {
        const command = stopOf(stage);
        if (command === null) return;
        const id = await stage.placed(command);
        const { price } = stage.resting();
        if (!(await modified(stage, changeTo(id, command, { type: 'LIMIT', price, triggerPrice: null })))) return;
        const order = await stage.seen(id);
        assert.deepEqual([order.type, order.price, order.status], ['LIMIT', toRupees(price ?? 0), 'OPEN']);
      }));

    test('of an order with a limit into a market order arrives, or is refused before anything is sent', () =>
      onStage(options, async (stage) => {
        if (!stage.subject.definition.capabilities.orderTypes.includes('MARKET')) return;
        const command = stage.resting();
        const id = await stage.placed(command);
        if (!(await modified(stage, changeTo(id, command, { type: 'MARKET', price: null })))) return;
        assert.equal((await stage.seen(id)).status, 'FILLED');
      }));

    test('of the validity arrives, or is refused before anything is sent', () =>
      onStage(options, async (stage) => {
        if (!stage.subject.definition.capabilities.validities.includes('IOC')) return;
        const command = stage.resting();
        const id = await stage.placed(command);
        if (!(await modified(stage, changeTo(id, command, { validity: 'IOC' })))) return;
        const order = await stage.seen(id);
        assert.equal(order.validity, 'IOC');
        assert.notEqual(order.status, 'OPEN', 'it rests, as if it were good for the day');
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
      onStage(options, async (stage) => {
        const command = stopOf(stage);
        if (command === null) return;
        const { adapter, call, placed, seen } = stage;
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
      onStage(options, async (stage) => {
        for (const brokerOrderId of ['', '../positions', 'a b', 'x?y=1', 'x'.repeat(10_000)]) {
          const cancel = { brokerOrderId, tag: tagOf(2), order: null };
          const work = (): Promise<unknown> => stage.adapter.cancelOrder(cancel, stage.call);
          await assertRefusedUnsent(stage, work, 'ALGO_INVALID_INPUT', JSON.stringify(brokerOrderId.slice(0, 20)));
        }
      }));
  });
}

/** What an order is for, as the book shows it. */
const termsOf = ({
  instrument,
  side,
  product,
  type,
  validity,
  quantity,
  price,
  triggerPrice,
  status,
}: BrokerOrder) => ({
  instrument,
  side,
  product,
  type,
  validity,
  quantity,
  price,
  triggerPrice,
  status,
});

/** A stop that waits a little above the market; null where the broker takes none. */
export function stopOf({ options, subject, venue, resting }: Stage): PlaceCommand | null {
  if (!subject.definition.capabilities.orderTypes.includes('SL')) return null;
  const last = Math.floor(venue.exchange.lastPrice(options.instruments.share.venue));
  return resting({ type: 'SL', triggerPrice: parsePrice(last + 5), price: parsePrice(last + 6) });
}

/** True when the broker took the change, false when the adapter refused it with nothing sent; anything else fails. */
async function modified({ adapter, call, http }: Stage, change: ModifyCommand): Promise<boolean> {
  const before = http.requests.length;
  const end = await endOf(adapter.modifyOrder(change, call));
  if (end.kind === 'acknowledged') return true;
  assert.ok(end.kind === 'threw' && end.code === 'ALGO_NOT_SUPPORTED', `it ended as ${JSON.stringify(end)}`);
  assert.equal(http.requests.length, before, 'it was sent all the same');
  return false;
}
