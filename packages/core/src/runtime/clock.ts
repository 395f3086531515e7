/**
 * The only source of time. Wall time is for display, TOTP and trading days; monotonic time is for every wait, because
 * the wall clock jumps.
 */
export interface Clock {
  /** Wall time, epoch milliseconds. */
  now(): number;
  /** Milliseconds since some fixed point; never goes back. */
  monotonic(): number;
  /** Calls `task` every `everyMs`; returns what stops it. Never keeps the process alive by itself. */
  every(everyMs: number, task: () => void): () => void;
  /** Calls `task` once after `afterMs`; returns what cancels it. Never keeps the process alive by itself. */
  after(afterMs: number, task: () => void): () => void;
}

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    every(everyMs, task) {
      const timer = setInterval(task, everyMs).unref();
      return () => clearInterval(timer);
    },
    after(afterMs, task) {
      const timer = setTimeout(task, afterMs).unref();
      return () => clearTimeout(timer);
    },
  };
}
