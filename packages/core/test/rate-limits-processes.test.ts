import { setImmediate as turn } from 'node:timers/promises';
import { grantPlaces } from '../src/stores/budget-grants.js';
import { expect, test } from 'vitest';
import { brokenWindow, chanceOf, playHistory, wasScarce } from './rate-limits-history.js';
import type { HistoryOptions } from './rate-limits-history.js';

/** A tenth of the million, unless the whole is asked for. */
const SCHEDULES = Number(
  process.env['ALGO_RATE_SCHEDULES'] ?? (process.env['ALGO_TEST_FULL'] === '1' ? 1_000_000 : 100_000),
);
const MINUTES_MS = 900_000;

interface Tally {
  broken: string[];
  scarce: number;
  sent: number;
  crashes: number;
  lost: number;
}

async function play(count: number, firstSeed: number, options: HistoryOptions = {}): Promise<Tally> {
  const tally: Tally = { broken: [], scarce: 0, sent: 0, crashes: 0, lost: 0 };
  for (let index = 0; index < count; index += 1) {
    if (index % 2_000 === 0) await turn(); // the runner wants to be heard of
    const history = playHistory(chanceOf(firstSeed + index), options);
    const window = brokenWindow(history);
    if (window !== null && tally.broken.length < 5) {
      tally.broken.push(`seed ${firstSeed + index}: more than ${window.limit} in ${window.perMs} ms`);
    }
    if (wasScarce(history)) tally.scarce += 1;
    tally.sent += history.sentAtMs.length;
    tally.crashes += history.crashes;
    tally.lost += history.lost;
  }
  return tally;
}

const freshSeed = (): number => Math.floor(Math.random() * 2 ** 31);

test(
  'four processes never send more than the cap in any sliding window, whatever is slow, lost or crashes',
  async () => {
    const seed = freshSeed();
    process.stdout.write(`rate limits: ${SCHEDULES} schedules from seed ${seed}\n`);
    const { broken, scarce, sent, crashes, lost } = await play(SCHEDULES, seed);

    expect(broken).toEqual([]);
    expect(scarce).toBeGreaterThan(SCHEDULES / 2); // the caps were reached
    expect(sent).toBeGreaterThan(SCHEDULES * 5);
    expect(crashes).toBeGreaterThan(SCHEDULES / 4);
    expect(lost).toBeGreaterThan(SCHEDULES / 10);
  },
  MINUTES_MS,
);

test('the same histories show a store that counts places from when it gave them', async () => {
  const { broken } = await play(3_000, freshSeed(), {
    rule: (state, request, nowMs) => grantPlaces(state, { ...request, holdMs: 0 }, nowMs),
  });
  expect(broken).not.toEqual([]);
});

test('the same histories show a process that counts its time from the answer', async () => {
  const { broken } = await play(3_000, freshSeed(), { holdFrom: 'answer' });
  expect(broken).not.toEqual([]);
});

test('the same histories show a store that forgets what it gave when its clock goes back', async () => {
  const { broken } = await play(20_000, freshSeed(), {
    rule: (state, request, nowMs) =>
      grantPlaces(nowMs < state.atMs ? { ...state, atMs: nowMs, grants: [] } : state, request, nowMs),
  });
  expect(broken).not.toEqual([]);
});
