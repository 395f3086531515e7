import { setTimeout as pause } from 'node:timers/promises';
import type { RateWindow } from '@algo/core/store';
import { expect, onTestFinished, test } from 'vitest';
import { bundleChild, runChild } from '../child-process.js';
import type { Child } from '../child-process.js';
import { opened } from '../opened.js';
import { testServer } from '../server.js';
import type { SenderTask } from './rate-sender.js';
import { mostWithin, startStampingVenue } from './sent-orders.js';

const FULL = process.env['ALGO_TEST_FULL'] === '1';
/** The windows that one account has: ten a second, and a longer one that is used up on the way. */
const LONG: RateWindow = FULL ? { limit: 250, perMs: 60_000 } : { limit: 25, perMs: 6_000 };
const WINDOWS: readonly RateWindow[] = [{ limit: 10, perMs: 1_000 }, LONG];
/** Into the second of the long windows. */
const RUN_MS = LONG.perMs * 1.5;

/**
 * What the wire and the venue may take. A request that was let go at the end of one stretch may come so much later than
 * one let go at the beginning of the next, so a stretch at the venue is that much shorter. One that takes longer was held
 * up by this machine, and says nothing about the limits.
 */
const TRANSPORT_MS = 50;

const server = testServer();
bundleChild('./processes/rate-sender.ts');

test(
  `four processes on one account stay together below its limits for ${RUN_MS / 1_000} s, one killed and one frozen on the way`,
  { timeout: RUN_MS + 120_000 },
  async () => {
    const venue = await startStampingVenue();
    onTestFinished(() => venue.close());
    const schema = server.newSchema();
    await opened(server, schema); // makes the tables
    const task: SenderTask = { origin: venue.origin, windows: WINDOWS };
    const start = (name: string): Child => runChild(name, server.address(), schema, JSON.stringify(task));

    const senders = ['a', 'b', 'c', 'd'].map(start);
    for (const sender of senders) expect(await sender.nextLine()).toBe('ready');
    await pause(RUN_MS / 3);
    senders[0]?.process.kill('SIGKILL');
    senders[1]?.process.kill('SIGSTOP');
    const replaced = start('e');
    await pause(RUN_MS / 6);
    senders[1]?.process.kill('SIGCONT');
    await pause(RUN_MS / 2);
    for (const sender of [...senders, replaced]) sender.process.kill('SIGKILL');

    const { orders } = venue;
    const sent = orders.map(({ sentAtMs }) => sentAtMs);
    const arrived = orders
      .filter(({ sentAtMs, arrivedAtMs }) => arrivedAtMs - sentAtMs <= TRANSPORT_MS)
      .map(({ arrivedAtMs }) => arrivedAtMs);
    const of = (name: string): number => orders.filter(({ sender }) => sender === name).length;
    const counts = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, of(name)]));
    const most = WINDOWS.map(({ limit, perMs }) => `${mostWithin(sent, perMs)} of ${limit} in ${perMs} ms`).join(', ');
    const possible = mostPossible(RUN_MS);
    console.log(`${orders.length} sent of ${possible} possible: ${JSON.stringify(counts)}; ${most}`);

    for (const { limit, perMs } of WINDOWS) {
      expect(mostWithin(sent, perMs), `sent within ${perMs} ms`).toBeLessThanOrEqual(limit);
      expect(mostWithin(arrived, perMs - TRANSPORT_MS), `arrived within ${perMs} ms`).toBeLessThanOrEqual(limit);
    }
    expect(arrived.length).toBeGreaterThan(orders.length / 2); // or what arrived would prove nothing
    expect(orders.length).toBeGreaterThanOrEqual(0.6 * possible);
    for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(0);
  },
);

/** What one process alone, that wastes nothing, could send in that time. */
function mostPossible(durationMs: number): number {
  const sent: number[] = [];
  for (let atMs = 0; atMs < durationMs;) {
    const isFree = WINDOWS.every(({ limit, perMs }) => (sent.at(-limit) ?? -Infinity) <= atMs - perMs);
    if (isFree) sent.push(atMs);
    else atMs += 1;
  }
  return sent.length;
}
