import { setTimeout as sleep } from 'node:timers/promises';
import { seeded, shuffled } from '../lib/shuffle.js';
import { percentile } from '../lib/statistics.js';
import { setFault } from '../stub/control.js';
import { ALPHA, BETA, enter, leadBack, openAlgo, openUser, readQuotes } from './ours.js';
import { openRaw } from './raw.js';

/** Good calls before each failing one: sockets are warm, and failures stay a third of the calls, which trips nothing. */
const GOOD_CALLS = 2;
/** Until a side has seen that its sockets are gone, where the port was closed. */
const SETTLE_MS = 5;

/**
 * The first call after the first broker broke, from the call to the second broker's answer. Each sample begins with a
 * first broker that answers and is not known to be down, so every one of them tries it, fails and goes on. Both sides take
 * turns in one process.
 */
export async function measureSwitch({ call, fault, origins, control, folder, warmUp, samples, seed }) {
  const algo = openAlgo({ origins, folder });
  const raw = openRaw(origins);
  const sides = sidesOf(call, await openUser(algo, 'u1', [ALPHA, BETA]), raw);
  const random = seeded(seed);
  const times = { ours: [], raw: [] };
  const port = fault === 'refused' ? portOf(control) : null;
  if (port === null) await setFault(control, `third/${fault}`);
  const firstMs = await sample(sides.ours, port);
  for (let turn = 0; turn < warmUp + samples; turn += 1) {
    for (const name of shuffled(['ours', 'raw'], random)) {
      const tookMs = await sample(sides[name], port);
      if (turn >= warmUp) times[name].push(tookMs);
    }
  }
  await setFault(control, 'none');
  await raw.close();
  await algo.close();
  const of = (name) => ({ p50Ms: percentile(times[name], 0.5), p99Ms: percentile(times[name], 0.99) });
  return { firstMs, ours: of('ours'), raw: of('raw') };
}

function sidesOf(call, me, raw) {
  let number = 0;
  const nextId = () => `BENCH${(number += 1)}`;
  if (call === 'read') {
    const back = async () => undefined;
    return { ours: { ask: () => readQuotes(me), back }, raw: { ask: raw.read, back } };
  }
  return {
    ours: { ask: () => enter(me, nextId()), back: () => leadBack(me) },
    raw: { ask: () => raw.enter(nextId()), back: async () => undefined },
  };
}

/** A port cannot refuse by itself: it is opened and closed around each sample. */
const portOf = (control) => ({
  open: () => setFault(control, 'none'),
  async close() {
    await setFault(control, 'refused');
    await sleep(SETTLE_MS);
  },
});

async function sample({ ask, back }, port) {
  await port?.open();
  await back();
  for (let good = 0; good < GOOD_CALLS; good += 1) expectFrom('alpha', await ask());
  await port?.close();
  const beganMs = performance.now();
  const from = await ask();
  const tookMs = performance.now() - beganMs;
  expectFrom('beta', from);
  return tookMs;
}

function expectFrom(broker, from) {
  if (from !== broker) throw new Error(`answered by ${from}, not ${broker}`);
}
