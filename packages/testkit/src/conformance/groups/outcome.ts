import assert from 'node:assert/strict';
import type { BrokerAdapter, CommandReply } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { endOf, onStage, tagOf } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions, VenueFault, VenueTrouble } from '../subject.js';
import { changeTo, orderOf } from './change.js';

type End = Awaited<ReturnType<typeof endOf>>;
const COMMANDS = ['placeOrder', 'modifyOrder', 'cancelOrder'] as const;
type CommandName = (typeof COMMANDS)[number];

/** Ids that every broker's own could look like. */
const OURS = '2611200012345';
const ANOTHERS = '2611200054321';

/** Under these a good reply may be a stored copy, a gateway's invention, or the answer to somebody else. */
const NOT_GOOD = [302, 400, 404, 429, 500, 502, 503, 504];

/** Faults after which the broker has acted: no word of the adapter may say that it has not, or that it has refused. */
const ACTED: readonly (VenueTrouble & { readonly what: string })[] = [
  { what: 'the reply is lost', kind: 'resetAfter' },
  { what: 'a 500 comes back', kind: 'errorAfter', status: 500 },
  { what: 'a 502 comes back', kind: 'errorAfter', status: 502 },
  { what: 'a 503 comes back', kind: 'errorAfter', status: 503 },
  { what: 'the reply is cut', kind: 'cutBody' },
  { what: 'a page comes back as 200', kind: 'html', status: 200, when: 'after' },
  { what: 'a page comes back as 503', kind: 'html', status: 503, when: 'after' },
  { what: 'broken JSON comes back', kind: 'garbage' },
  { what: 'no answer comes', kind: 'hang', when: 'after' },
];

/** Faults before the broker has acted: it must not look as if it had. */
const NOT_ACTED: readonly (VenueTrouble & { readonly what: string })[] = [
  { what: 'the socket is reset', kind: 'resetBefore' },
  { what: 'a 500 comes back', kind: 'errorBefore', status: 500 },
  { what: 'a page comes back', kind: 'html', status: 503, when: 'before' },
  { what: 'it counts too many calls', kind: 'rateLimited' },
  { what: 'it no longer takes the session', kind: 'expiredToken' },
];

/** What an order command ends as when things go wrong. The heart of the suite. */
export function outcomeGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('outcome', () => {
    for (const command of COMMANDS) {
      for (const { what, ...fault } of ACTED) {
        test(`${command}: the broker acts and ${what}: unknown`, () =>
          onStage(options, async (stage) => {
            const end = await underFault(stage, command, { operation: command, ...fault });
            assertUnknown(end);
            assert.equal(stage.venue.ledger().length, 1, 'it was sent again');
          }));
      }
      for (const { what, ...fault } of NOT_ACTED) {
        test(`${command}: the broker does not act and ${what}: not acknowledged`, () =>
          onStage(options, async (stage) => {
            const end = await underFault(stage, command, { operation: command, ...fault });
            assert.notEqual(end.kind, 'acknowledged');
            if (fault.kind === 'expiredToken' && end.kind === 'rejected') assert.equal(end.reason, 'session');
            if (fault.kind === 'rateLimited' && end.kind === 'rejected') assert.equal(end.reason, 'rate-limited');
            if (fault.kind !== 'expiredToken' && fault.kind !== 'rateLimited') assertUnknown(end);
            assert.equal(stage.venue.received(command).length, 1, 'it was sent again');
          }));
      }
    }

    for (const { what, reply, command } of options.samples.errors) {
      test(`the error ${what} ends a place as ${command}`, () =>
        onStage(options, async ({ canned, resting, call }) => {
          const end = await endOf(canned(reply).adapter.placeOrder(resting(), call));
          if (command === 'unknown') return assertUnknown(end);
          assert.equal(end.kind, 'rejected', JSON.stringify(end));
          assert.equal(end.kind === 'rejected' && end.reason, command);
        }));

      test(`the error ${what} proves nothing about a place under a server error`, () =>
        onStage(options, async ({ canned, resting, call }) => {
          for (const status of [500, 502, 503, 504]) {
            assertUnknown(await endOf(canned({ ...reply, status }).adapter.placeOrder(resting(), call)));
          }
        }));
    }

    for (const command of COMMANDS) {
      test(`${command}: a good reply is believed under its own status, and under no other`, () =>
        onStage(options, async (stage) => {
          const good = options.samples.acknowledged(OURS, stage.resting().tag);
          const ask = (status: number): Promise<End> => {
            const { adapter } = stage.canned({ ...good, status });
            return endOf(commandOn(stage, adapter, command, OURS));
          };
          assert.deepEqual(await ask(good.status), { kind: 'acknowledged', brokerOrderId: OURS });
          for (const status of NOT_GOOD) assertUnknown(await ask(status), `HTTP ${status}`);
        }));
    }

    for (const command of ['modifyOrder', 'cancelOrder'] as const) {
      test(`${command}: a good reply that names another order is unknown`, () =>
        onStage(options, async (stage) => {
          const { adapter } = stage.canned(options.samples.acknowledged(ANOTHERS, stage.resting().tag));
          assertUnknown(await endOf(commandOn(stage, adapter, command, OURS)));
        }));
    }

    test('a good reply without an order id is unknown', () =>
      onStage(options, async ({ canned, resting, call }) => {
        for (const body of [
          '',
          '{}',
          '[]',
          'null',
          '"ok"',
          '{"status":true,"stat":"Ok","stCode":200,"type":"success"}',
        ]) {
          assertUnknown(await endOf(canned({ status: 200, body }).adapter.placeOrder(resting(), call)));
        }
      }));
  });
}

/** Runs one command into the fault; modify and cancel have a working order first. */
async function underFault(stage: Stage, command: CommandName, fault: VenueFault): Promise<End> {
  const { adapter, venue, placed } = stage;
  const id = command === 'placeOrder' ? '' : await placed();
  venue.inject(fault);
  return endOf(commandOn(stage, adapter, command, id));
}

/** The command, on the order of that id where it needs one. */
function commandOn(
  { resting, call }: Stage,
  adapter: BrokerAdapter,
  command: CommandName,
  brokerOrderId: string,
): Promise<CommandReply> {
  const order = resting();
  switch (command) {
    case 'placeOrder':
      return adapter.placeOrder(order, call);
    case 'modifyOrder':
      return adapter.modifyOrder(changeTo(brokerOrderId, order, { quantity: order.quantity + 1 }), call);
    case 'cancelOrder':
      return adapter.cancelOrder({ brokerOrderId, tag: tagOf(2), order: orderOf(order) }, call);
  }
}

/** Unknown, or thrown without the claim that nothing was done. */
function assertUnknown(end: End, under = ''): void {
  assert.ok(end.kind === 'unknown' || end.kind === 'threw', `${under} it ended as ${JSON.stringify(end)}`);
  if (end.kind === 'threw') assert.notEqual(end.effect, 'applied');
  if (end.kind === 'threw' && end.effect === 'none')
    assert.fail(`${under} it threw ${end.code} with effect none after the write`);
}
