import { AlgoError } from '../errors/algo-error.js';
import type { Lease, LeaseKey, LeaseStore } from '../contract/lease-store.js';
import { errorName } from '../runtime/error-name.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';

export interface LeasedTurnsOptions {
  readonly leases: LeaseStore;
  /** `Store.owner` of this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A holder that dies is waited for this long; one that lives says so three times in it. */
const LEASE_MS = 15_000;
const HELD_EVERY_MS = 5_000;
const ASK_EVERY_MS = 250;

/** Lets one process at a time do a thing, over all processes that share a store. */
export class LeasedTurns {
  readonly #options: LeasedTurnsOptions;
  readonly #wakers = new Map<string, Set<() => void>>();
  #closed = false;

  constructor(options: LeasedTurnsOptions) {
    this.#options = options;
  }

  /**
   * Runs `work` under the lease of that name.
   *
   * @param meanwhile asked each time somebody else has had it: a value ends the wait, the work being done
   * @returns null when `patienceMs` passed first
   * @throws {AlgoError} `ALGO_CLOSED` when the manager closed first
   */
  async run<Value>(
    key: LeaseKey,
    patienceMs: number,
    meanwhile: () => Promise<Value | null>,
    work: (lease: Lease) => Promise<Value>,
  ): Promise<Value | null> {
    const { leases, owner, clock } = this.#options;
    const until = clock.monotonic() + patienceMs;
    for (;;) {
      const lease = await leases.acquire(key, owner, LEASE_MS);
      if (lease !== null) return this.#holding(lease, work);
      if (clock.monotonic() >= until) return null;
      await this.#pause(key);
      if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'manager' });
      const done = await meanwhile();
      if (done !== null) return done;
    }
  }

  /** The store says that this lease was released: whoever waits for it asks at once. */
  freed(userId: string, name: string): void {
    for (const wake of this.#wakers.get(nameOf({ userId, name })) ?? []) wake();
  }

  /** Nobody waits for a turn any more. */
  close(): void {
    this.#closed = true;
    for (const waiting of this.#wakers.values()) for (const wake of waiting) wake();
  }

  async #holding<Value>(lease: Lease, work: (lease: Lease) => Promise<Value>): Promise<Value> {
    const { leases, clock, logger } = this.#options;
    const note = (error: unknown): void => {
      logger.warn('lease-not-kept', { name: lease.name, error: errorName(error) }); // what is written under it is checked
    };
    const stop = clock.every(HELD_EVERY_MS, () => void leases.renew(lease, LEASE_MS).catch(note));
    try {
      return await work(lease);
    } finally {
      stop();
      await leases.release(lease).catch(note);
    }
  }

  #pause(key: LeaseKey): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const name = nameOf(key);
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        wakers.delete(wake);
        if (wakers.size === 0 && this.#wakers.get(name) === wakers) this.#wakers.delete(name);
        resolve();
      };
      const cancel = this.#options.clock.after(ASK_EVERY_MS, wake);
      const wakers = this.#wakers.get(name) ?? new Set();
      this.#wakers.set(name, wakers.add(wake));
    });
  }
}

const nameOf = ({ userId, name }: LeaseKey): string => JSON.stringify([userId, name]);
