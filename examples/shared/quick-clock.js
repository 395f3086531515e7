import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { createFakeClock } from '@algo/testkit';

const TICK_MS = 10;

/**
 * A clock for examples, on a trading day of its own so that they run at any hour. Its seconds are shorter than yours, so
 * that nobody waits a minute to see a breaker close. On a machine that is busy it goes slower, never in leaps.
 *
 * @param {{ speed: number }} options how many of its seconds go into one of yours
 */
export function startQuickClock({ speed }) {
  const clock = createFakeClock();
  const state = { running: true };
  const ended = run();

  async function run() {
    while (state.running) {
      await clock.advance(speed * TICK_MS);
      await pause(TICK_MS);
    }
  }

  /** Waits until something holds, and fails when it does not within so many of its milliseconds. */
  async function until(what, holds, limitMs = 120_000) {
    const endMs = clock.monotonic() + limitMs;
    while (!(await holds())) {
      assert.ok(clock.monotonic() < endMs, `did not happen in time: ${what}`);
      await pause(TICK_MS);
    }
  }

  return {
    clock,
    until,
    wait: (ms) => new Promise((resolve) => void clock.after(ms, resolve)),
    async close() {
      state.running = false;
      await ended;
    },
  };
}
