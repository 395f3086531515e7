import assert from 'node:assert/strict';
import type { TestRunner } from '../runner.js';
import { assertRefusedUnsent, onStage, withSubject } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions, LackableGroup } from '../subject.js';

/** What asks for the thing that is lacking. */
const ASKING: Readonly<Record<Exclude<LackableGroup, 'redirect'>, (stage: Stage) => Promise<unknown>>> = {
  trades: ({ adapter, call }) => adapter.trades(call),
  positions: ({ adapter, call }) => adapter.positions(call),
  holdings: ({ adapter, call }) => adapter.holdings(call),
  funds: ({ adapter, call }) => adapter.funds(call),
  margin: ({ adapter, call, resting }) => adapter.margin(resting(), call),
  quotes: ({ adapter, call, listing, options }) => adapter.quotes([listing(options.instruments.share)], 'ltp', call),
  candles({ adapter, call, listing, options, clock }) {
    const { share } = options.instruments;
    const span = { fromMs: clock.now() - 86_400_000, toMs: clock.now() };
    return adapter.candles(listing(share), { instrument: share.instrument, interval: '1d', ...span }, call);
  },
};

/** Where a broker has no such thing, asking says so, and the capabilities do not promise it. */
export function lackingGroup(
  { describe, test }: TestRunner,
  options: ConformanceOptions,
  lacking: LackableGroup,
): void {
  describe(`no ${lacking}`, () => {
    if (lacking === 'redirect') {
      test('no login method sends a person to a page', () =>
        withSubject(options, async ({ definition: { credentials } }) => {
          const redirecting = credentials.methods.filter(({ redirect }) => redirect === true).map(({ id }) => id);
          assert.deepEqual(redirecting, []);
        }));
      return;
    }
    test(`asking for ${lacking} is refused before anything is sent, and says so`, () =>
      onStage(options, async (stage) => {
        const { margin, candleIntervals } = stage.subject.definition.capabilities;
        if (lacking === 'margin') assert.equal(margin, false, 'the capabilities promise a margin call');
        if (lacking === 'candles') assert.deepEqual(candleIntervals, []);
        await assertRefusedUnsent(stage, () => ASKING[lacking](stage), 'ALGO_NOT_SUPPORTED', lacking);
      }));
  });
}
