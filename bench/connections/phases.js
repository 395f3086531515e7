import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../lib/statistics.js';
import { FLAKY, PER_USER, REFS, userNamed } from './fleet.js';
import { heldMemory } from './memory.js';
import { place, read, startTraffic } from './traffic.js';

/** What nobody used for 60 s is let go, and looked through every 10 s. */
const UNUSED_MS = 75_000;
const LOOK_MS = 1_000;
/** The longest that a breaker rests, and its socket after it. */
const LATE_TRIES_MS = 440_000;
/** Every connection makes a call that often. */
const CALL_EVERY_S = 20;
/** Calls on connections that fail: often enough that every one is noticed. */
const FAILING_CALL_EVERY_S = 4;
const ALL_DOWN_LIMIT_MS = 30_000;
const ALL_BACK_LIMIT_MS = 90_000;
const AT_ONCE = 64;

/** Connects everybody, as a host does after a restart. */
export async function connect({ algo, userIds }) {
  const began = performance.now();
  const reports = await algo.startUsers(userIds);
  const tookMs = performance.now() - began;
  const failed = reports.flatMap(({ results }) => results.filter(({ ok }) => !ok));
  if (failed.length > 0) throw new Error(`${failed.length} connections failed, the first with ${failed[0].code}`);
  return { tookMs };
}

/** Waits until what belongs to sockets that nobody uses is let go; a breaker that still rests is tried once more first. */
export async function idle({ sockets }) {
  await pause(UNUSED_MS);
  for (let waitedMs = 0; sockets.open > 0; waitedMs += LOOK_MS) {
    if (waitedMs >= LATE_TRIES_MS) throw new Error(`${sockets.open} sockets are still open`);
    await pause(LOOK_MS);
  }
  return heldMemory();
}

/** An order and a read on each connection, so that both lanes have their socket. */
export async function warm({ targets, sockets }) {
  await inSteps(targets, AT_ONCE, async (target) => {
    await place(target);
    await read(target);
  });
  return { connections: targets.length, sockets: sockets.open, ...(await heldMemory()) };
}

/** Everybody reads at the same moment, which wants a socket for each. */
export async function burst({ targets }) {
  const began = performance.now();
  const results = await Promise.allSettled(targets.map(read));
  const failed = results.filter(({ status }) => status === 'rejected').length;
  return { tookMs: performance.now() - began, calls: targets.length, failed };
}

/** Ordinary traffic; how late the event loop was. */
export async function steady({ targets, forMs }) {
  const delay = watchDelay();
  const stop = startTraffic({ targets, perSecond: targets.length / CALL_EVERY_S });
  await pause(forMs);
  return { forMs, ...(await stop()), delay: delay() };
}

/** One of the brokers fails and recovers, again and again, while the others go on. */
export async function failing({ targets, broker, latency, rounds }) {
  const delay = watchDelay();
  const flaky = targets.filter(({ ref }) => ref.broker === FLAKY);
  const others = startTraffic({
    targets: targets.filter(({ ref }) => ref.broker !== FLAKY),
    perSecond: (targets.length - flaky.length) / CALL_EVERY_S,
  });
  const perSecond = flaky.length / FAILING_CALL_EVERY_S;
  const seen = [];
  for (let round = 0; round < rounds; round += 1) {
    const stop = startTraffic({ targets: flaky, perSecond, orders: false });
    const began = performance.now();
    await broker.ask('fail');
    const allDown = await until(() => latency.down === flaky.length, ALL_DOWN_LIMIT_MS);
    const downMs = performance.now() - began;
    const down = latency.down;
    await broker.ask('recover');
    await stop();
    const recovering = performance.now();
    const allBack = await until(() => latency.down === 0, ALL_BACK_LIMIT_MS);
    seen.push({ down, allDown, downMs, allBack, backMs: performance.now() - recovering });
  }
  return { connections: flaky.length, rounds: seen, others: await others(), delay: delay() };
}

/** All users' connections. */
export const targetsOf = (algo, users) =>
  Array.from({ length: users }, (_, number) => algo.user(userNamed(number))).flatMap((manager) =>
    REFS.map((ref) => ({ manager, ref })),
  );

/** As many connections as have both their sockets while nobody's is taken from them. */
export const warmable = (targets, cap) => {
  const users = Math.floor((cap * 7) / 8 / (2 * PER_USER)); // the last eighth is kept for users that have few
  return targets.slice(0, users * PER_USER);
};

function watchDelay() {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  return () => {
    delay.disable();
    const ms = (share) => delay.percentile(share) / 1e6;
    return { p50Ms: ms(50), p99Ms: ms(99), maxMs: delay.max / 1e6 };
  };
}

/** @param {readonly number[]} samples */
export const latencyOf = (samples) => ({
  count: samples.length,
  p50Ms: percentile(samples, 0.5),
  p99Ms: percentile(samples, 0.99),
  maxMs: percentile(samples, 1),
});

async function until(isSo, limitMs) {
  const end = performance.now() + limitMs;
  while (!isSo() && performance.now() < end) await pause(50);
  return isSo();
}

async function inSteps(items, atOnce, work) {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
