import { setTimeout as pause } from 'node:timers/promises';
import { FLAKY } from './fleet.js';
import { heldMemory } from './memory.js';
import { startTraffic } from './traffic.js';

/** Every connection makes a call that often. */
const CALL_EVERY_S = 20;
const SAMPLES = 10;
/** The share of each tenth that one of the brokers fails. */
const FAILING_SHARE = 0.25;

/**
 * Ordinary traffic for a long time, while one of the brokers fails and recovers in each tenth of it.
 *
 * @returns what was held at the end of each tenth
 */
export async function soak({ targets, broker, forMs, tell }) {
  const stop = startTraffic({ targets, perSecond: targets.length / CALL_EVERY_S });
  const samples = [];
  const partMs = forMs / SAMPLES;
  for (let part = 1; part <= SAMPLES; part += 1) {
    tell(`soak: part ${part} of ${SAMPLES}`);
    const end = performance.now() + partMs;
    await broker.ask('fail');
    await pause(partMs * FAILING_SHARE);
    await broker.ask('recover');
    await pause(Math.max(0, end - performance.now()));
    samples.push(await heldMemory());
  }
  const { calls, failed } = await stop();
  const flaky = targets.filter(({ ref }) => ref.broker === FLAKY);
  const down = flaky.filter(({ manager, ref }) => !isUp(manager, ref)).length;
  return { forMs, calls, failed, downAtEnd: down, samples };
}

const isUp = (manager, { broker, account }) =>
  manager
    .getConnectionStatus()
    .some((one) => one.broker === broker && one.account === account && one.state.status === 'connected');
