import assert from 'node:assert/strict';
import { formatInstrument } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { codeOf, onStage } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';

/** The probe that shows whose account it is, and the instruments the broker lists. */
export function probeGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('probe', () => {
    test('costs one read that changes nothing', () =>
      onStage(options, async ({ adapter, call, http }) => {
        const before = http.requests.length;
        const profile = await adapter.profile(call);
        assert.equal(profile.clientId, call.session.clientId);
        const asked = http.requests.slice(before);
        assert.equal(asked.length, 1);
        assert.equal(asked[0]?.purpose, 'read');
      }));
  });
}

export function instrumentsGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  const { share, otherShare, derivatives, index } = options.instruments;

  describe('instruments', () => {
    test('are named by their contract, each once, with an id of its own within its segment', () =>
      onStage(options, async ({ listings }) => {
        assert.ok(listings.length > 0);
        for (const { instrument, contract } of listings) assert.equal(instrument, formatInstrument(contract));
        assert.equal(new Set(listings.map(({ instrument }) => instrument)).size, listings.length);
        assert.equal(new Set(listings.map(({ segment, token }) => `${segment} ${token}`)).size, listings.length);
      }));

    test('have a tick and a lot that an order can be checked with', () =>
      onStage(options, async ({ listings, listing }) => {
        for (const { instrument, contract, tick, lotSize, freezeQuantity } of listings) {
          assert.ok(Number.isSafeInteger(lotSize) && lotSize > 0, `the lot of ${instrument} is ${lotSize}`);
          if (contract.kind !== 'index') assert.ok(Number.isSafeInteger(tick) && tick > 0, `the tick of ${instrument}`);
          assert.ok(freezeQuantity === null || freezeQuantity > 0, `the freeze quantity of ${instrument}`);
        }
        for (const of of [share, otherShare]) {
          assert.equal(listing(of).lotSize, 1);
          assert.deepEqual(listing(of).quantityUnit, { kind: 'units' });
          assert.ok(
            listing(of).tick >= 100 && listing(of).tick <= 50_000,
            'a share ticks between a paisa and 5 rupees',
          );
        }
      }));

    test('an index is listed, and never takes an order', async () => {
      if (index === undefined) return;
      await onStage(options, async ({ adapter, call, listing, resting, venue }) => {
        assert.equal(listing(index).contract.kind, 'index');
        assert.notEqual(await codeOf(adapter.placeOrder(resting({ listing: listing(index) }), call)), 'none');
        assert.equal(venue.ledger().length, 0);
      });
    });

    test('contracts have their underlying, expiry and, for options, strike and right, and can be ordered', () =>
      onStage(options, async ({ listing }) => {
        for (const of of derivatives) {
          const { instrument, lotSize, quantityUnit } = listing(of);
          assert.match(instrument, /^[A-Z]+:[^:]+:\d{4}-\d{2}-\d{2}:(FUT|[\d.]+:(CE|PE))$/);
          assert.ok(lotSize > 1, `the lot of ${instrument} is ${lotSize}`);
          assert.notEqual(quantityUnit.kind, 'unknown', `nobody knows in what ${instrument} is counted`);
        }
      }));
  });
}
