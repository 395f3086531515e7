import type { BrokerSession } from '../contract/session.js';
import type { AccountProfile, Position } from '../domain/portfolio.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import type { ConnectStep } from './connection-state.js';

export interface EstablishmentParts {
  readonly who: { readonly broker: string; readonly account: string };
  readonly clock: Clock;
  /** How long all steps may take together, in milliseconds, a first master left out. */
  readonly limitMs: number;
  readonly onStep: (step: ConnectStep) => void;
  /** Takes the account for this process where one at a time connects it, then gets a session. */
  readonly session: () => Promise<BrokerSession>;
  readonly isVerified: (session: BrokerSession) => boolean;
  readonly profile: () => Promise<AccountProfile>;
  /** The broker answered for another account. */
  readonly block: (session: BrokerSession) => Promise<void>;
  readonly positions: () => Promise<readonly Position[]>;
  /** Whether instruments of the broker were ever loaded. */
  readonly hasInstruments: () => boolean;
  readonly instruments: () => Promise<void>;
  /** Brings the journal up to date with the broker's book. */
  readonly orders: () => Promise<void>;
}

/** An account without these has a portfolio that can be read all the same: it is empty, or not for it to see. */
const NO_PORTFOLIO: ReadonlySet<AlgoErrorCode> = new Set<AlgoErrorCode>([
  'ALGO_NOT_ENTITLED',
  'ALGO_NO_DATA',
  'ALGO_NOT_SUPPORTED',
]);

/**
 * Takes the steps that make a connection, one after the other.
 *
 * Bounded as a whole. The one thing that the bound leaves out is the very first master of a broker, tens of megabytes
 * without which no instrument has a name; a newer one is waited for within the bound, and goes on in the background
 * beyond it while that of the day before serves.
 *
 * @throws {AlgoError} `ALGO_DEADLINE` when they take too long, `ALGO_WRONG_ACCOUNT`, or why a step failed
 */
export async function takeConnectSteps(parts: EstablishmentParts): Promise<void> {
  const bound = new Bound(parts.clock, parts.limitMs);
  parts.onStep('session');
  const session = await bound.within(parts.session());
  parts.onStep('profile');
  if (!parts.isVerified(session)) await bound.within(checkAccount(parts, session));
  parts.onStep('portfolio');
  await bound.within(checkPortfolio(parts));
  parts.onStep('instruments');
  if (parts.hasInstruments()) await bound.unlessOver(parts.instruments());
  else await bound.leftOut(parts.instruments());
  parts.onStep('orders');
  await bound.within(parts.orders());
}

async function checkAccount({ profile, block, who }: EstablishmentParts, session: BrokerSession): Promise<void> {
  if ((await profile()).clientId === session.clientId) return;
  await block(session);
  throw new AlgoError('ALGO_WRONG_ACCOUNT', { broker: who.broker, account: who.account });
}

async function checkPortfolio({ positions }: EstablishmentParts): Promise<void> {
  try {
    await positions();
  } catch (error) {
    if (!isAlgoError(error) || !NO_PORTFOLIO.has(error.code)) throw error;
  }
}

/** Time that several waits share. Nothing is cut short that has begun: who waits for it no longer waits. */
class Bound {
  readonly #clock: Clock;
  readonly #limitMs: number;
  #untilMs: number;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#untilMs = clock.monotonic() + limitMs;
  }

  /** @throws {AlgoError} `ALGO_DEADLINE` */
  within<Value>(work: Promise<Value>): Promise<Value> {
    return this.#race(work, (_resolve, reject) =>
      reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: this.#limitMs })),
    );
  }

  /** Waits for half of what is left, then lets it go on alone: what comes after needs time as well. */
  unlessOver(work: Promise<void>): Promise<void> {
    return this.#race(work, (resolve) => resolve(undefined), 0.5);
  }

  /** Waits however long it takes; the time does not count. */
  async leftOut(work: Promise<void>): Promise<void> {
    const began = this.#clock.monotonic();
    await work;
    this.#untilMs += this.#clock.monotonic() - began;
  }

  #race<Value>(
    work: Promise<Value>,
    over: (resolve: (value: Value) => void, reject: (error: AlgoError) => void) => void,
    share = 1,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const leftMs = Math.max(0, this.#untilMs - this.#clock.monotonic()) * share;
      const cancel = this.#clock.after(leftMs, () => over(resolve, reject));
      work.then(resolve, reject).finally(cancel);
    });
  }
}
