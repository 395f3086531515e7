import { setImmediate as turn, setTimeout as realTime } from 'node:timers/promises';
import type { Clock } from '@algo/core';

/** A clock that moves only when told to. Timers fire in order, each at its own moment. */
export interface FakeClock extends Clock {
  /** Moves both wall and monotonic time on, firing what falls due; lets real I/O go on between. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as a user or NTP would. */
  jump(ms: number): void;
  /**
   * Moves time on in steps until the promise settles, giving real sockets time to answer between steps.
   *
   * @throws when `limitMs` of fake time passed first
   */
  runUntil<Value>(promise: Promise<Value>, options?: RunOptions): Promise<Value>;
  /** Timers that wait now; 0 after everything was closed. */
  readonly timers: number;
}

export interface RunOptions {
  /** @default 250 */
  readonly stepMs?: number;
  /** @default 600000 */
  readonly limitMs?: number;
  /** Real milliseconds after each step, for sockets to answer in. @default 1 */
  readonly realMs?: number;
}

interface Timer {
  atMs: number;
  readonly everyMs: number | null;
  readonly task: () => void;
}

/** 2026-11-20 10:00 IST, a Friday on which the market is open. */
export const TRADING_DAY_MS = Date.UTC(2026, 10, 20, 4, 30);

export function createFakeClock(startMs: number = TRADING_DAY_MS): FakeClock {
  const timers = new Set<Timer>();
  let wallMs = startMs;
  let monotonicMs = 0;

  const nextDue = (untilMs: number): Timer | null => {
    let next: Timer | null = null;
    for (const timer of timers) if (timer.atMs <= untilMs && (next === null || timer.atMs < next.atMs)) next = timer;
    return next;
  };

  const moveTo = (ms: number): void => {
    wallMs += ms - monotonicMs;
    monotonicMs = ms;
  };

  const step = (ms: number): void => {
    const untilMs = monotonicMs + ms;
    for (let due = nextDue(untilMs); due !== null; due = nextDue(untilMs)) {
      moveTo(Math.max(monotonicMs, due.atMs));
      if (due.everyMs === null) timers.delete(due);
      else due.atMs += due.everyMs;
      due.task();
    }
    moveTo(untilMs);
  };

  const add = (timer: Timer): (() => void) => {
    timers.add(timer);
    return () => void timers.delete(timer);
  };

  const breathe = async (turns: number): Promise<void> => {
    for (let count = 0; count < turns; count += 1) await turn();
  };

  return {
    now: () => wallMs,
    monotonic: () => monotonicMs,
    every: (everyMs, task) => add({ atMs: monotonicMs + everyMs, everyMs, task }),
    after: (afterMs, task) => add({ atMs: monotonicMs + Math.max(0, afterMs), everyMs: null, task }),
    async advance(ms) {
      await breathe(2);
      step(ms);
      await breathe(2);
    },
    jump(ms) {
      wallMs += ms;
    },
    async runUntil(promise, { stepMs = 250, limitMs = 600_000, realMs = 1 } = {}) {
      const state = { settled: false };
      const done = (): void => {
        state.settled = true;
      };
      promise.then(done, done);
      const untilMs = monotonicMs + limitMs;
      await breathe(4);
      while (!state.settled) {
        if (monotonicMs >= untilMs) throw new Error(`Nothing came of it within ${limitMs} ms of fake time`);
        step(stepMs);
        await realTime(realMs);
      }
      return promise;
    },
    get timers() {
      return timers.size;
    },
  };
}
