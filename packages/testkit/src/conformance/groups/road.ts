import assert from 'node:assert/strict';
import { createAlgo, memoryStore } from '@algo/core';
import type { KeyProvider } from '@algo/core';
import type { TestRunner } from '../runner.js';
import { createFakeClock } from '../../fake-clock.js';
import type { ConformanceOptions } from '../subject.js';

/** The whole way of an order, through core's own gate, journal and reconciler. */
export function roadGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('the whole road', () => {
    test('an order whose reply is lost is found again, and is at the broker once', async () => {
      const clock = createFakeClock();
      const subject = await options.subject({ clock });
      const { definition, venue, logins } = subject;
      const algo = createAlgo({ store: memoryStore(), keys: fixedKeys(), brokers: [definition], clock });
      try {
        const me = algo.user('u1');
        const method = definition.credentials.methods.find(({ id, redirect }) => logins[id] !== undefined && !redirect);
        await me.credentials.put(definition.id, 'main', logins[method?.id ?? ''] ?? {});
        await clock.runUntil(me.establishConnection({ broker: definition.id, account: 'main' }), { stepMs: 20 });
        const { instrument, venue: name } = options.instruments.share;
        const order = {
          clientOrderId: 'conformance-1',
          instrument,
          side: 'BUY',
          quantity: 1,
          type: 'LIMIT',
          price: Math.floor(venue.exchange.lastPrice(name) * 0.99),
          product: options.product ?? 'MIS',
        } as const;
        venue.inject({ operation: 'placeOrder', kind: 'resetAfter' });
        const outcome = await clock.runUntil(me.orders.place(order));
        assert.equal(outcome.kind, 'unknown');
        const settled = outcome.kind === 'unknown' ? await clock.runUntil(outcome.settled) : outcome;
        assert.equal(settled.kind, 'accepted', JSON.stringify(settled));
        const again = await clock.runUntil(me.orders.place(order));
        assert.equal(again.kind, 'accepted');
        assert.equal(venue.ledger().length, 1);
        const cancelled = await clock.runUntil(me.orders.cancel({ clientOrderId: 'conformance-1' }));
        assert.equal(cancelled.kind, 'accepted', JSON.stringify(cancelled));
      } finally {
        venue.releaseHung();
        await algo.close();
        await subject.close();
      }
    });
  });
}

function fixedKeys(): KeyProvider {
  const key = { id: 'conformance', bytes: new Uint8Array(32).fill(7) };
  return { current: async () => key, byId: async (id) => (id === key.id ? key : null) };
}
