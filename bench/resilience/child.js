import { PerformanceObserver } from 'node:perf_hooks';
import { answerJob } from '../lib/child.js';
import { closeNetwork } from '../lib/loopback-only.js';
import { CASES } from './cases.js';

closeNetwork();

const IN_FLIGHT = 1_000;
const BATCH = 500;

/** Times one way to guard a call around a no-op that always succeeds. */
answerJob(async ({ name, parts, calls }) => {
  const { run, close } = await CASES.find((one) => one.name === name).open({ parts });
  const noop = async () => 1;
  await oneByOne(run, noop, Math.min(calls, 20_000));
  const answer = {
    nsEach: await timed(() => oneByOne(run, noop, calls), calls),
    nsInFlight: await timed(() => inFlight(run, noop, calls), calls),
    bytesEach: await bytesOf(() => oneByOne(run, noop, BATCH)),
  };
  await close?.();
  return answer;
});

async function oneByOne(run, work, calls) {
  for (let call = 0; call < calls; call += 1) await run(work);
}

async function inFlight(run, work, calls) {
  for (let call = 0; call < calls; call += IN_FLIGHT) {
    await Promise.all(Array.from({ length: IN_FLIGHT }, () => run(work)));
  }
}

async function timed(work, calls) {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / calls;
}

/** Heap used by a batch in which nothing was collected; the least of several, since others allocate too. */
async function bytesOf(batch) {
  let collections = 0;
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
  observer.observe({ entryTypes: ['gc'] });
  let least = Infinity;
  for (let round = 0; round < 30; round += 1) {
    const before = process.memoryUsage().heapUsed;
    const seen = collections;
    await batch();
    const grown = process.memoryUsage().heapUsed - before;
    await new Promise((resolve) => setTimeout(resolve, 2)); // collections are told a moment later
    if (collections === seen && grown > 0) least = Math.min(least, grown / BATCH);
  }
  observer.disconnect();
  return least;
}
