import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { answerJob } from '../lib/child.js';
import { closeNetwork } from '../lib/loopback-only.js';
import { measureLookUps } from './look-ups.js';

closeNetwork();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Kept until the process ends, so that nothing measured is collected. */
const alive = [];

/** One case, once: loads the master in this fresh process and looks things up in it. */
answerJob(async ({ loader, path, keysPath, lookUps }) => {
  const { load } = await import(`./loaders/${loader}.js`);
  const file = readFileSync(path);
  alive.push(file);
  collect();
  const before = process.memoryUsage();
  const stall = watchStalls();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const book = await load(file);
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  const stallMs = await stall();
  alive.push(book);
  collect();
  await new Promise((resolve) => setTimeout(resolve, 50)); // freed buffers are counted off a little later
  collect();
  const after = process.memoryUsage();

  const lookedUp = await measureLookUps(book, JSON.parse(readFileSync(keysPath, 'utf8')), lookUps);
  return {
    ms,
    cpuMs: (user + system) / 1_000,
    stallMs,
    heapMb: (after.heapUsed - before.heapUsed) / 2 ** 20,
    offHeapMb: (after.arrayBuffers - before.arrayBuffers) / 2 ** 20,
    fileMb: file.length / 2 ** 20,
    ...lookedUp,
  };
});

/** Turns the event loop all the time; the longest time between two turns is the longest anybody had to wait. */
function watchStalls() {
  let longest = 0;
  let last = performance.now();
  let running = true;
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    running = false;
    return longest;
  };
}
