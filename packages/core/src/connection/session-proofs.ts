import type { BrokerSession } from '../contract/session.js';
import type { HeldSession } from './session-cache.js';

/** A session saved less than this ago is a new one, whoever made it. */
const FRESH_MS = 60_000;

/** What was seen of sessions. Remembered weakly: one that left the cache is let go of. */
export class SessionProofs {
  /** The broker said whose session it is. */
  readonly #verified = new WeakSet<BrokerSession>();
  /** Made by a log-in here. */
  readonly #made = new WeakSet<BrokerSession>();
  /** A call here succeeded with it. */
  readonly #proven = new WeakSet<BrokerSession>();
  /** Refused: of the calls that hear of it, the first one drops it. */
  readonly #lost = new WeakSet<BrokerSession>();

  /** A log-in here made it, and the broker said whose it is. */
  made(session: BrokerSession): void {
    this.#verified.add(session);
    this.#made.add(session);
  }

  verified(session: BrokerSession): void {
    this.#verified.add(session);
  }

  isVerified(session: BrokerSession): boolean {
    return this.#verified.has(session);
  }

  /** A call succeeded with it. @returns whether it is the first one */
  worked(session: BrokerSession): boolean {
    if (this.#proven.has(session)) return false;
    this.#proven.add(session);
    return true;
  }

  hasWorked(session: BrokerSession): boolean {
    return this.#proven.has(session);
  }

  /** The broker refused it. @returns whether nobody said so before */
  lost(session: BrokerSession): boolean {
    if (this.#lost.has(session)) return false;
    this.#lost.add(session);
    return true;
  }

  /** Made a moment ago, and refused before it served a single call here. */
  neverWorked({ session, savedAtMs }: HeldSession, nowMs: number): boolean {
    if (this.#proven.has(session)) return false;
    return this.#made.has(session) || nowMs - savedAtMs < FRESH_MS;
  }
}
