import type { AnyAlgoError, AlgoError } from '../errors/algo-error.js';
import { isAlgoError } from '../errors/algo-error.js';
import { backoffMs } from '../resilience/backoff.js';
import type { Backoff } from '../resilience/backoff.js';
import type { Clock } from '../runtime/clock.js';

export interface ReconnectorOptions {
  readonly clock: Clock;
  /** From 0 up to but not 1, for jitter. */
  readonly fraction: () => number;
  /** Tries to connect. Fails by calling `schedule` again; must not throw. */
  readonly attempt: () => void;
  /** A try was set: the first one is 1; `atMs` is epoch milliseconds. */
  readonly onScheduled: (attempt: number, atMs: number) => void;
}

/** reliability.md D: 0.5 s to 30 s, full jitter. */
const BACKOFF: Backoff = { baseMs: 500, capMs: 30_000 };
/** A connection that held for less than this has not proved anything: waits go on growing. */
const HEALTHY_MS = 60_000;
/** A master that cannot be right is tens of megabytes, and seldom mended in a minute. */
const BAD_MASTER_MS = 300_000;
/** What a failure says beyond this, or not in numbers, is not waited for: a broker may be back by then. */
const LONGEST_MS = 3_600_000;

/**
 * When a connection that failed is tried again. One timer while it waits, none otherwise; waits are monotonic, so that a
 * clock which is set does not move them.
 */
export class Reconnector {
  readonly #options: ReconnectorOptions;
  #attempts = 0;
  /** Monotonic; null while it is not connected. */
  #connectedAtMs: number | null = null;
  #cancel: (() => void) | null = null;

  constructor(options: ReconnectorOptions) {
    this.#options = options;
  }

  /** A try is set and waits for its time. */
  get waiting(): boolean {
    return this.#cancel !== null;
  }

  /** It is connected: the stretch that may prove healthy begins. */
  connected(): void {
    this.stop();
    this.#connectedAtMs ??= this.#options.clock.monotonic();
  }

  /** Sets the next try, in place of one that waits. @param leastWaitMs not before this has passed */
  schedule(leastWaitMs: number): void {
    const { clock, fraction, attempt, onScheduled } = this.#options;
    this.stop();
    this.#forgetIfHealthy();
    const waitMs = Math.max(leastWaitMs, backoffMs(BACKOFF, this.#attempts, fraction()));
    this.#attempts += 1;
    this.#cancel = clock.after(waitMs, () => {
      this.#cancel = null;
      attempt();
    });
    onScheduled(this.#attempts, Math.ceil(clock.now() + waitMs));
  }

  /** What was waited for has come: tries at once, if a try waits. */
  hurry(): void {
    if (this.#cancel === null) return;
    this.stop();
    this.#options.attempt();
  }

  /** No try by itself until the next failure. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #forgetIfHealthy(): void {
    const since = this.#connectedAtMs;
    this.#connectedAtMs = null;
    if (since !== null && this.#options.clock.monotonic() - since >= HEALTHY_MS) this.#attempts = 0;
  }
}

/** How long the failure itself says to wait, in milliseconds. */
export function waitAfter(error: AnyAlgoError | AlgoError, nowMs: number): number {
  const waitMs = namedWait(error, nowMs);
  return waitMs > 0 ? Math.min(waitMs, LONGEST_MS) : 0; // NaN is no wait
}

function namedWait(error: AnyAlgoError | AlgoError, nowMs: number): number {
  if (!isAlgoError(error)) return 0;
  switch (error.code) {
    case 'ALGO_RATE_LIMITED':
      return error.details.retryAfterMs;
    case 'ALGO_CIRCUIT_OPEN':
      return error.details.retryAtMs - nowMs;
    case 'ALGO_INSTRUMENTS_REFUSED':
      return BAD_MASTER_MS;
    default:
      return 0;
  }
}
