import assert from 'node:assert/strict';
import type { TestRunner } from '../runner.js';
import { onStage } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';

const DAY_MS = 86_400_000;

export function quotesGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  const { share, otherShare, index } = options.instruments;

  describe('quotes', () => {
    test('come in the order asked, at the prices of the exchange', () =>
      onStage(options, async ({ adapter, call, listing, venue, clock }) => {
        const asked = [otherShare, ...(index === undefined ? [] : [index]), share];
        const quotes = await adapter.quotes(asked.map(listing), 'ltp', call);
        assert.deepEqual(
          quotes.map(({ instrument, lastPrice }) => [instrument, lastPrice]),
          asked.map((of) => [of.instrument, venue.exchange.lastPrice(of.venue)]),
        );
        for (const { asOfMs } of quotes) assert.ok(Math.abs(asOfMs - clock.now()) < 5_000);
      }));

    test('in full have the range of the day and the depth', () =>
      onStage(options, async ({ adapter, call, listing, placed, resting }) => {
        await placed();
        const [quote] = await adapter.quotes([listing(share)], 'full', call);
        const full = quote?.full;
        assert.ok(full, 'there is no full quote');
        assert.ok(full.previousClose > 0 && full.high >= full.low);
        assert.deepEqual([full.bids[0]?.price, full.bids[0]?.quantity], [(resting().price ?? 0) / 10_000, 10]);
      }));
  });
}

export function candlesGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  const { share } = options.instruments;

  describe('candles', () => {
    test('of every interval of the capabilities are there, oldest first, within what was asked', () =>
      onStage(options, async ({ adapter, call, listing, subject, clock }) => {
        const { instrument } = share;
        const { candleIntervals } = subject.definition.capabilities;
        assert.ok(candleIntervals.length > 0);
        for (const interval of candleIntervals) {
          const span = interval === '1d' ? 10 * DAY_MS : interval === '1w' ? 60 * DAY_MS : DAY_MS;
          const request = { instrument, interval, fromMs: clock.now() - span, toMs: clock.now() };
          const candles = await adapter.candles(listing(share), request, call);
          assert.ok(candles.length > 0, `no candles of ${interval}`);
          const starts = candles.map(({ startMs }) => startMs);
          assert.deepEqual(
            starts,
            [...new Set(starts)].sort((a, b) => a - b),
            interval,
          );
          assert.ok((starts.at(-1) ?? Infinity) < request.toMs, `${interval} goes beyond what was asked`);
          if (span === DAY_MS)
            assert.ok((starts[0] ?? 0) >= request.fromMs, `${interval} begins before what was asked`);
          for (const { open, high, low, close } of candles) {
            assert.ok(low <= Math.min(open, close) && high >= Math.max(open, close) && low > 0);
          }
        }
      }));

    test('of one day begin when the market opened', () =>
      onStage(options, async ({ adapter, call, listing, subject }) => {
        const interval = subject.definition.capabilities.candleIntervals.find((known) => known === '5m');
        if (interval === undefined) return;
        const opening = Date.UTC(2026, 10, 19, 3, 45); // Thursday, 09:15 IST
        const request = { instrument: share.instrument, interval, fromMs: opening, toMs: opening + 1_800_000 };
        const candles = await adapter.candles(listing(share), request, call);
        assert.deepEqual(
          candles.map(({ startMs }) => (startMs - opening) / 60_000),
          [0, 5, 10, 15, 20, 25],
        );
      }));
  });
}
