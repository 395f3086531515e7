import assert from 'node:assert/strict';
import { isSecret } from '@algo/core/adapter';
import type { BrokerRequest } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { errorOf, onStage, tagOf } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions, LackableGroup } from '../subject.js';
import { changeTo, orderOf } from './change.js';

/** How requests go out: counted in a window, marked for what they are, with their secrets wrapped. */
export function limitsGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('limits', () => {
    test('every request counts in windows that the definition states, on a lane that there is', () =>
      onStage(options, async (stage) => {
        const { rateLimits } = stage.subject.definition;
        assert.ok(rateLimits['orders']?.length, 'order commands have no window');
        for (const { family, lane, path } of await requestsOfEverything(stage)) {
          assert.ok(rateLimits[family] !== undefined, `${path} counts in ${family}, which has no windows`);
          assert.ok(['orders', 'reads', 'data', 'auth'].includes(lane));
        }
      }));

    test('what changes something is a command on the order lane, and every read is a read', () =>
      onStage(options, async (stage) => {
        const { adapter, call, http, placed, resting } = stage;
        const sent = async (work: () => Promise<unknown>): Promise<readonly BrokerRequest[]> => {
          const before = http.requests.length;
          await work();
          return http.requests.slice(before);
        };
        const command = resting();
        let id = '';
        const commands = [
          await sent(async () => (id = await placed(command))),
          await sent(() => adapter.modifyOrder(changeTo(id, command, { quantity: 11 }), call)),
          await sent(() => adapter.cancelOrder({ brokerOrderId: id, tag: tagOf(3), order: orderOf(command) }, call)),
        ];
        for (const requests of commands) {
          const marked = requests.filter(({ purpose }) => purpose === 'command');
          assert.equal(marked.length, 1, 'a command sends one request that is marked so');
          assert.deepEqual([marked[0]?.lane, marked[0]?.family], ['orders', 'orders']);
        }
        for (const read of readsOf(stage)) {
          for (const { purpose } of await sent(read)) assert.equal(purpose, 'read');
        }
      }));

    test('no secret stands in a path or bare in a header', () =>
      onStage(options, async (stage) => {
        for (const { path, headers = [] } of await requestsOfEverything(stage)) {
          stage.secrets.assertHoldsNone(path, 'a path');
          stage.secrets.assertHoldsNone(headers.filter((value) => !isSecret(value)).join(' '), 'a bare header');
        }
      }));

    test('what the broker counts too often is a rate limit with a time to wait', () =>
      onStage(options, async ({ adapter, call, venue }) => {
        venue.inject({ operation: 'orderBook', kind: 'rateLimited' });
        const error = await errorOf(adapter.orderBook(call));
        assert.ok(error?.code === 'ALGO_RATE_LIMITED', `it ended as ${error?.code ?? 'none'}`);
        assert.ok(error.details.retryAfterMs > 0, 'it names no time to wait');
      }));
  });
}

/** Nothing stays behind. */
export function closeGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('close', () => {
    test('leaves no timer of the adapter behind', () =>
      onStage(options, async (stage) => {
        await requestsOfEverything(stage);
        assert.equal(stage.clock.timers, 0);
      }));
  });
}

async function requestsOfEverything(stage: Stage): Promise<readonly BrokerRequest[]> {
  await stage.placed();
  for (const read of readsOf(stage)) await read();
  return stage.http.requests;
}

/** Every read that this broker has. */
function readsOf({ adapter, call, listing, options }: Stage): readonly (() => Promise<unknown>)[] {
  const { lacks = {}, instruments } = options;
  const lackable: readonly (readonly [LackableGroup, () => Promise<unknown>])[] = [
    ['trades', () => adapter.trades(call)],
    ['positions', () => adapter.positions(call)],
    ['holdings', () => adapter.holdings(call)],
    ['funds', () => adapter.funds(call)],
    ['quotes', () => adapter.quotes([listing(instruments.share)], 'ltp', call)],
  ];
  const there = lackable.filter(([group]) => lacks[group] === undefined).map(([, read]) => read);
  return [() => adapter.orderBook(call), ...there];
}
