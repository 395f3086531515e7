import type { Lease, LeaseStore } from '../contract/lease-store.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';

export interface ConnectionOwnershipOptions {
  readonly key: AccountKey;
  readonly leases: LeaseStore;
  /** `Store.owner` of this process. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Somebody else has it by now: nothing more may be sent with this account's session. */
  readonly onLost: () => void;
}

const LEASE_MS = 15_000;
const HELD_EVERY_MS = 5_000;

/** Makes this process the only one that connects an account, for brokers whose session serves one process alone. */
export class ConnectionOwnership {
  readonly #options: ConnectionOwnershipOptions;
  #lease: Lease | null = null;
  #heldUntilMs = 0;
  #stop: (() => void) | null = null;
  #closed = false;

  constructor(options: ConnectionOwnershipOptions) {
    this.#options = options;
  }

  /** @throws {AlgoError} `ALGO_CONNECTION_OWNED` while another process that lives has it */
  async take(): Promise<void> {
    if (this.#lease !== null) return;
    const { leases, key, owner, clock } = this.#options;
    const { userId, broker, account } = key;
    const lease = await leases.acquire({ userId, name: `connection/${broker}/${account}` }, owner, LEASE_MS);
    if (lease === null) throw new AlgoError('ALGO_CONNECTION_OWNED', { broker, account });
    if (this.#closed) {
      await leases.release(lease).catch(this.#note);
      throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
    }
    this.#lease = lease;
    this.#heldUntilMs = clock.monotonic() + LEASE_MS;
    this.#stop = clock.every(HELD_EVERY_MS, () => void this.#hold());
  }

  /** Gives it back for good: one that is being taken is given back as soon as it is had. */
  async close(): Promise<void> {
    this.#closed = true;
    const lease = this.#letGo();
    if (lease !== null) await this.#options.leases.release(lease).catch(this.#note);
  }

  /** A store that fails once says nothing about who owns it: the lease runs on, and is lost when it has run out. */
  async #hold(): Promise<void> {
    const { leases, clock, onLost } = this.#options;
    const held = this.#lease;
    if (held === null) return;
    const until = clock.monotonic() + LEASE_MS;
    const renewed = await leases.renew(held, LEASE_MS).catch((error: unknown) => {
      this.#note(error);
      return undefined;
    });
    if (this.#lease !== held) return;
    if (renewed !== undefined && renewed !== null) {
      this.#lease = renewed;
      this.#heldUntilMs = until;
    } else if (renewed === null || clock.monotonic() >= this.#heldUntilMs) {
      this.#letGo();
      onLost();
    }
  }

  #letGo(): Lease | null {
    const lease = this.#lease;
    this.#lease = null;
    this.#stop?.();
    this.#stop = null;
    return lease;
  }

  readonly #note = (error: unknown): void => {
    const { broker, account } = this.#options.key;
    this.#options.logger.warn('connection-lease-not-kept', { broker, account, error: errorName(error) });
  };
}
