import { createHash, timingSafeEqual } from 'node:crypto';
import type { PkceChallenge, RedirectBegun } from '../contract/redirect-login.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import { Secret } from '../runtime/secret.js';

/** A person has this long at the broker's page. */
const OPEN_FOR_MS = 10 * 60_000;
const STATE_BYTES = 24;
/** 43 characters of base64url, the shortest that RFC 7636 takes, and all of them unguessable. */
const VERIFIER_BYTES = 32;
/** Anybody can call the host's callback address: a few strangers must not end a person's log-in. */
const MOST_WRONG = 5;

/** A log-in on the broker's page that was begun and not completed. */
export interface OpenLogin {
  readonly state: string;
  readonly begun: RedirectBegun;
  readonly verifier: Secret;
  readonly method: string;
  /** Of the credentials it was begun with. */
  readonly origin: string;
  readonly untilMs: number;
}

/** The one log-in on the broker's page that an account may have open. It is good for one completion. */
export class RedirectLogins {
  readonly #broker: string;
  readonly #clock: Clock;
  readonly #random: Random;
  #open: OpenLogin | null = null;
  #wrong = 0;

  constructor(broker: string, clock: Clock, random: Random) {
    this.#broker = broker;
    this.#clock = clock;
    this.#random = random;
  }

  /** Unguessable, and for one use. */
  newState(): string {
    return this.#newText(STATE_BYTES);
  }

  /** A verifier that stays here until the log-in is completed, and what the broker's page is given of it. */
  newPkce(): { readonly verifier: Secret; readonly pkce: PkceChallenge } {
    const verifier = this.#newText(VERIFIER_BYTES);
    const challenge = createHash('sha256').update(verifier, 'ascii').digest('base64url');
    return { verifier: new Secret(verifier), pkce: { challenge, method: 'S256' } };
  }

  /** Takes the place of one that was open. */
  begin(login: Omit<OpenLogin, 'untilMs'>): void {
    this.#wrong = 0;
    this.#open = { ...login, untilMs: this.#clock.now() + OPEN_FOR_MS };
  }

  forget(): void {
    this.#open = null;
  }

  /**
   * The log-in that a callback belongs to; the right callback uses it up, and so do five wrong ones.
   *
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` when none is open, or the callback carries another state than ours
   */
  take(returned: Readonly<Record<string, string>>): OpenLogin {
    const open = this.#open;
    if (open === null || this.#clock.now() > open.untilMs) throw this.#refused('no log-in is open; call beginLogin');
    if (open.begun.returnsState && !isSame(returned['state'] ?? '', open.state)) {
      this.#wrong += 1;
      if (this.#wrong >= MOST_WRONG) this.#open = null;
      throw this.#refused('the callback does not belong to the log-in that was begun');
    }
    this.#open = null;
    return open;
  }

  #newText(length: number): string {
    const bytes = new Uint8Array(length);
    this.#random.fill(bytes);
    return Buffer.from(bytes).toString('base64url');
  }

  #refused(brokerText: string): AlgoError {
    return new AlgoError('ALGO_LOGIN_REFUSED', { broker: this.#broker, brokerCode: null, brokerText });
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
