/**
 * The only source of time. Wall time is for display, TOTP and trading days; monotonic time is for every wait, because
 * the wall clock jumps.
 */
export interface Clock {
  /** Wall time, epoch milliseconds. */
  now(): number;
  /** Milliseconds since some fixed point; never goes back. */
  monotonic(): number;
  /** Calls `task` every `everyMs`; returns what stops it. The process stays alive for it, since a caller waits. */
  every(everyMs: number, task: () => void): () => void;
  /** Calls `task` once after `afterMs`; returns what cancels it. */
  after(afterMs: number, task: () => void, options?: TimerOptions): () => void;
}

export interface TimerOptions {
  /** True when nobody waits for it, so that it must not keep the process alive. @default false */
  readonly background?: boolean;
}

/** Node lets a timer that is set for longer go off at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    every(everyMs, task) {
      const timer = setInterval(task, everyMs);
      return () => clearInterval(timer);
    },
    after(afterMs, task, { background = false } = {}) {
      let timer: NodeJS.Timeout | undefined;
      const wait = (leftMs: number): void => {
        const nowMs = Math.min(leftMs, LONGEST_TIMER_MS);
        timer = setTimeout(() => (leftMs > nowMs ? wait(leftMs - nowMs) : task()), nowMs);
        if (background) timer.unref();
      };
      wait(afterMs);
      return () => clearTimeout(timer);
    },
  };
}
