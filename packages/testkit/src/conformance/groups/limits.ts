import assert from 'node:assert/strict';
import { isSecret } from '@algo/core/adapter';
import type { BrokerRequest } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { codeOf, onStage, tagOf } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';
import { changeTo } from './change.js';

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
          await sent(() => adapter.cancelOrder({ brokerOrderId: id, tag: tagOf(3), order: command }, call)),
        ];
        for (const requests of commands) {
          const marked = requests.filter(({ purpose }) => purpose === 'command');
          assert.equal(marked.length, 1, 'a command sends one request that is marked so');
          assert.deepEqual([marked[0]?.lane, marked[0]?.family], ['orders', 'orders']);
        }
        for (const requests of [
          await sent(() => adapter.orderBook(call)),
          await sent(() => adapter.positions(call)),
          await sent(() => adapter.funds(call)),
        ]) {
          for (const { purpose } of requests) assert.equal(purpose, 'read');
        }
      }));

    test('no secret stands in a path or bare in a header', () =>
      onStage(options, async (stage) => {
        const values = Object.values(stage.call.session.secrets).map((secret) => secret.reveal());
        for (const { path, headers = [] } of await requestsOfEverything(stage)) {
          const bare = headers.filter((value) => !isSecret(value)).join(' ');
          for (const value of values) assert.ok(!path.includes(value) && !bare.includes(value), 'a secret is bare');
        }
      }));

    test('what the broker counts too often is a rate limit with a time to wait', () =>
      onStage(options, async ({ adapter, call, venue }) => {
        venue.inject({ operation: 'orderBook', kind: 'rateLimited' });
        assert.equal(await codeOf(adapter.orderBook(call)), 'ALGO_RATE_LIMITED');
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
  const { adapter, call, http, placed, listing, options } = stage;
  await placed();
  await adapter.orderBook(call);
  await adapter.trades(call);
  await adapter.positions(call);
  await adapter.holdings(call);
  await adapter.funds(call);
  if (options.lacks?.quotes === undefined) await adapter.quotes([listing(options.instruments.share)], 'ltp', call);
  return http.requests;
}
