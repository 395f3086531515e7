import { seeded, shuffled } from '../lib/shuffle.js';
import { percentile } from '../lib/statistics.js';
import { setFault } from '../stub/control.js';
import { ALPHA, BETA, enter, openAlgo, openUser, placeOrder, readQuotes } from './ours.js';
import { openRaw } from './raw.js';

/** More failures than trip any breaker. */
const MOST_FAILURES = 20;

/**
 * Calls of a user whose first broker is known to be down: its breaker is open, tripped by real failures. Beside them, in
 * turns, calls of another user who has the same second broker as the first one, which is healthy. Both are answered by the
 * same broker in one exchange; the difference is the way there.
 */
export async function measureOpen({ call, origins, control, folder, warmUp, samples, seed }) {
  const algo = openAlgo({ origins, folder });
  const raw = openRaw(origins);
  const led = await openUser(algo, 'u1', [ALPHA, BETA]);
  const healthy = await openUser(algo, 'u2', [BETA, ALPHA]);
  const lane = call === 'read' ? 'data' : 'orders';
  await setFault(control, 'refused');
  await trip(led, lane);

  const asks = asksOf(call, { led, healthy, raw });
  const times = { open: [], healthy: [], raw: [] };
  const random = seeded(seed);
  for (let turn = 0; turn < warmUp + samples; turn += 1) {
    for (const name of shuffled(Object.keys(asks), random)) {
      const beganMs = performance.now();
      const from = await asks[name]();
      const tookMs = performance.now() - beganMs;
      if (from !== 'beta') throw new Error(`answered by ${from}, not beta`);
      if (turn >= warmUp) times[name].push(tookMs);
    }
  }
  if (!isOpen(led, lane)) throw new Error('the breaker did not stay open for so long');
  await setFault(control, 'none');
  await raw.close();
  await algo.close();
  const of = (name) => ({ p50Ms: percentile(times[name], 0.5), p99Ms: percentile(times[name], 0.99) });
  return { ours: of('open'), healthy: of('healthy'), raw: of('raw') };
}

async function trip(me, lane) {
  for (let failed = 0; failed < MOST_FAILURES && !isOpen(me, lane); failed += 1) {
    if (lane === 'data') await readQuotes(me);
    else await placeOrder(me, `TRIP${failed}`, { connection: ALPHA });
  }
  if (!isOpen(me, lane)) throw new Error(`${MOST_FAILURES} failures did not open the breaker`);
}

const isOpen = (me, lane) => me.connection(ALPHA).breakers()[lane].kind === 'open';

function asksOf(call, { led, healthy, raw }) {
  let number = 0;
  const nextId = () => `BENCH${(number += 1)}`;
  if (call === 'read') {
    return { open: () => readQuotes(led), healthy: () => readQuotes(healthy), raw: raw.readSecond };
  }
  return {
    open: () => enter(led, nextId()),
    healthy: () => enter(healthy, nextId()),
    raw: () => raw.enterSecond(nextId()),
  };
}
