import type { BrokerSession } from '../contract/session.js';
import type { HeldSession } from './session-cache.js';

/** A session saved less than this ago is a new one, whoever made it. */
const FRESH_MS = 60_000;

/** What was seen of one session. */
interface Proof {
  /** The broker said whose session it is. */
  verified: boolean;
  /** Made by a log-in here. */
  made: boolean;
  /** A call here succeeded with it. */
  proven: boolean;
  /** Refused: of the calls that hear of it, the first one drops it. */
  lost: boolean;
}

/** What was seen of sessions. Remembered weakly: one that left the cache is let go of. */
export class SessionProofs {
  readonly #seen = new WeakMap<BrokerSession, Proof>();

  /** A log-in here made it, and the broker said whose it is. */
  made(session: BrokerSession): void {
    const proof = this.#of(session);
    proof.verified = true;
    proof.made = true;
  }

  verified(session: BrokerSession): void {
    this.#of(session).verified = true;
  }

  isVerified(session: BrokerSession): boolean {
    return this.#seen.get(session)?.verified === true;
  }

  /** A call succeeded with it. @returns whether it is the first one */
  worked(session: BrokerSession): boolean {
    const proof = this.#of(session);
    const isFirst = !proof.proven;
    proof.proven = true;
    return isFirst;
  }

  hasWorked(session: BrokerSession): boolean {
    return this.#seen.get(session)?.proven === true;
  }

  /** The broker refused it. @returns whether nobody said so before */
  lost(session: BrokerSession): boolean {
    const proof = this.#of(session);
    const isFirst = !proof.lost;
    proof.lost = true;
    return isFirst;
  }

  /** Made a moment ago, and refused before it served a single call here. */
  neverWorked({ session, savedAtMs }: HeldSession, nowMs: number): boolean {
    if (this.hasWorked(session)) return false;
    return this.#seen.get(session)?.made === true || nowMs - savedAtMs < FRESH_MS;
  }

  #of(session: BrokerSession): Proof {
    let proof = this.#seen.get(session);
    if (proof === undefined) {
      proof = { verified: false, made: false, proven: false, lost: false };
      this.#seen.set(session, proof);
    }
    return proof;
  }
}
