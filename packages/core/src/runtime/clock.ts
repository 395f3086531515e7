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

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    every(everyMs, task) {
      const timer = setInterval(task, everyMs);
      return () => clearInterval(timer);
    },
    after(afterMs, task, { background = false } = {}) {
      const timer = setTimeout(task, afterMs);
      if (background) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
