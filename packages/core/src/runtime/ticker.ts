import type { Clock } from './clock.js';

/** How late a deadline may be noticed, in milliseconds. Target P19 allows 10. */
const TICK_MS = 4;

/** Who waits for a moment; an object that is there anyway saves a closure per wait. */
export interface Waiter {
  /** Called once, when the moment has passed. */
  due(): void;
}

/**
 * One timer for every wait in the process: a thousand deadlines cost one interval, where a timer each costs 0.7 µs and
 * an `AbortSignal.timeout` 3.8 µs. It stops at the first tick that
 * finds nobody waiting: starting and stopping it for every call that comes alone would cost as much as a timer each.
 */
export interface Ticker {
  /** Calls `task` once when `atMs` (monotonic) has passed; returns what cancels it. Two calls may share an instant. */
  at(atMs: number, task: () => void): () => void;
  /** The same for an object. @returns its slot, to `drop` it from */
  hold(atMs: number, waiter: Waiter): number;
  drop(slot: number, waiter: Waiter): void;
  /** Calls every task now, so that nobody waits for ever, and stops the timer. */
  close(): void;
}

export function createTicker(clock: Clock): Ticker {
  return new SlottedTicker(clock);
}

class SlottedTicker implements Ticker {
  readonly #clock: Clock;
  /** One that was emptied stays until its time: calls that come one after another share it. */
  readonly #slots = new Map<number, Set<Waiter>>();
  #waiting = 0;
  /** The earliest slot that may hold somebody. */
  #next = Infinity;
  /** Those whose moment is now: one of them may take another away. */
  #serving: Set<Waiter> | null = null;
  #stop: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  at(atMs: number, task: () => void): () => void {
    const waiter: Waiter = { due: task };
    const slot = this.hold(atMs, waiter);
    return () => this.drop(slot, waiter);
  }

  hold(atMs: number, waiter: Waiter): number {
    const slot = Math.ceil(atMs / TICK_MS);
    const waiters = this.#slots.get(slot);
    if (waiters === undefined) this.#slots.set(slot, new Set([waiter]));
    else waiters.add(waiter);
    this.#waiting += 1;
    if (slot < this.#next) this.#next = slot;
    this.#stop ??= this.#clock.every(TICK_MS, this.#tick);
    return slot;
  }

  drop(slot: number, waiter: Waiter): void {
    if (this.#slots.get(slot)?.delete(waiter) === true || this.#serving?.delete(waiter) === true) this.#waiting -= 1;
  }

  close(): void {
    try {
      for (const slot of Array.from(this.#slots.keys())) this.#run(slot); // a copy: somebody may ask for another slot
    } finally {
      this.#slots.clear();
      this.#waiting = 0;
      this.#haltIfIdle();
    }
  }

  readonly #tick = (): void => {
    const current = Math.floor(this.#clock.monotonic() / TICK_MS);
    try {
      if (current >= this.#next) this.#runDue(current);
    } finally {
      this.#haltIfIdle();
    }
  };

  #runDue(current: number): void {
    const due = [...this.#slots.keys()].filter((slot) => slot <= current).sort((a, b) => a - b);
    this.#next = Infinity; // who asks while others are served lowers it again
    try {
      for (const slot of due) this.#run(slot);
    } finally {
      for (const slot of this.#slots.keys()) this.#next = Math.min(this.#next, slot);
    }
  }

  #run(slot: number): void {
    const waiters = this.#slots.get(slot) ?? new Set();
    this.#slots.delete(slot);
    this.#serving = waiters;
    const failures: unknown[] = [];
    for (const waiter of waiters) {
      waiters.delete(waiter);
      this.#waiting -= 1;
      try {
        waiter.due();
      } catch (error) {
        failures.push(error); // the others' time has come as well
      }
    }
    this.#serving = null;
    if (failures.length > 0) throw failures[0];
  }

  #haltIfIdle(): void {
    if (this.#waiting > 0) return;
    this.#stop?.();
    this.#stop = null;
    this.#slots.clear();
    this.#next = Infinity;
  }
}
