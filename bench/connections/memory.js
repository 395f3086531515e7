import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/**
 * What is still held after garbage collection, in bytes: JavaScript objects with the buffers and native objects that hang
 * on them, and beside it what the operating system counts for the process.
 */
export async function heldMemory() {
  for (let times = 0; times < 3; times += 1) {
    collect();
    await pause(50); // freed buffers and finished sockets are counted off a little later
  }
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heldBytes: heapUsed + external, heapBytes: heapUsed, externalBytes: external, rssBytes: rss };
}
