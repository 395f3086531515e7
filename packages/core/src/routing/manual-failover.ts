import { timingSafeEqual } from 'node:crypto';
import type { ConnectionRef } from '../domain/order.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import type { Random } from '../runtime/random.js';
import { isSameConnection } from './choose-connection.js';
import { findConnection, nameOf, refOf } from './routable.js';
import type { Routable } from './routable.js';
import type { Router } from './router.js';

/** What a failover by hand would do. Nothing has happened yet. */
export interface FailoverPreview {
  /** Hand it back as `confirm` to make the failover; good once. */
  readonly token: string;
  readonly from: ConnectionRef;
  readonly to: ConnectionRef;
  /** Orders that still work at the broker that is left. They stay there, and so do their changes; null: it is not known. */
  readonly openOrders: number | null;
  /** Epoch milliseconds. */
  readonly expiresAtMs: number;
}

export interface FailoverMade {
  readonly from: ConnectionRef;
  readonly to: ConnectionRef;
}

/** Where to; the next that can serve when left out. The primary leads back. */
export interface FailoverTo {
  readonly to?: ConnectionRef | undefined;
}

export interface FailoverConfirmation {
  readonly confirm: string;
}

export interface ManualFailoverOptions<Candidate extends Routable> {
  readonly router: Router<Candidate>;
  readonly connections: () => readonly Candidate[];
  /** How many orders still work there; may throw when nobody can tell. */
  readonly openOrders: (ref: ConnectionRef) => Promise<number>;
  readonly clock: Clock;
  readonly random: Random;
}

interface Pending extends FailoverMade {
  readonly token: Buffer;
  readonly untilMs: number;
}

const GOOD_FOR_MS = 60_000;
const TOKEN_BYTES = 16;

/**
 * Moves calls by a person's word, in two steps, so that a button pressed by mistake moves nothing. Only the newest preview
 * can be confirmed. What was moved by hand comes back by hand.
 */
export class ManualFailover<Candidate extends Routable> {
  readonly #options: ManualFailoverOptions<Candidate>;
  #pending: Pending | null = null;

  constructor(options: ManualFailoverOptions<Candidate>) {
    this.#options = options;
  }

  /** @throws {AlgoError} `ALGO_INVALID_INPUT`, `ALGO_NOT_CONNECTED`, `ALGO_ALL_BROKERS_DOWN` when nobody could take over */
  async preview({ to: wanted }: FailoverTo): Promise<FailoverPreview> {
    const { router, openOrders, clock, random } = this.#options;
    const from = router.status()?.serving;
    if (from === undefined) throw invalid('strategy', 'there is none: set a failover strategy first');
    const to = this.#target(from, wanted);
    const orders = await openOrders(from).catch(() => null);
    const token = Buffer.alloc(TOKEN_BYTES);
    random.fill(token);
    this.#pending = { token, from, to, untilMs: clock.monotonic() + GOOD_FOR_MS };
    const expiresAtMs = clock.now() + GOOD_FOR_MS;
    return { token: token.toString('base64url'), from, to, openOrders: orders, expiresAtMs };
  }

  /** @throws {AlgoError} `ALGO_NOT_CONFIRMED`; nothing has moved then */
  confirm(given: string): FailoverMade {
    const { router, clock } = this.#options;
    const pending = this.#pending;
    if (pending === null || !isSameToken(pending.token, given)) {
      throw notConfirmed('it is not the token of the newest preview, or was used before');
    }
    this.#pending = null;
    const { from, to, untilMs } = pending;
    if (clock.monotonic() >= untilMs) throw notConfirmed('the preview is older than a minute');
    const serving = router.status()?.serving;
    if (serving === undefined || !isSameConnection(serving, from)) {
      throw notConfirmed(`${nameOf(from)} no longer serves`);
    }
    if (!this.#canServe(to)) throw notConfirmed(`${nameOf(to)} cannot take calls now`);
    router.moveByHand(to);
    return { from, to };
  }

  #target(from: ConnectionRef, wanted: ConnectionRef | undefined): ConnectionRef {
    const { router } = this.#options;
    const { strategy } = router;
    const refs = strategy === null ? [] : [strategy.primary, ...strategy.backups].map(refOf);
    if (wanted === undefined) {
      const next = router.nextUsable();
      if (next !== null) return refOf(next);
      throw new AlgoError('ALGO_ALL_BROKERS_DOWN', { connections: refs.map(nameOf) });
    }
    const to = findConnection(refs, wanted);
    if (to === null) throw invalid('to', 'must be the primary or a backup of the strategy');
    if (isSameConnection(to, from)) throw invalid('to', 'serves already');
    if (!this.#canServe(to)) throw new AlgoError('ALGO_NOT_CONNECTED', to);
    return to;
  }

  #canServe(ref: ConnectionRef): boolean {
    return findConnection(this.#options.connections(), ref)?.isUsable('orders') === true;
  }
}

function isSameToken(token: Buffer, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const bytes = Buffer.from(given, 'base64url');
  return bytes.length === token.length && timingSafeEqual(bytes, token);
}

const invalid = (field: string, problem: string): AlgoError =>
  new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem }] });

const notConfirmed = (why: string): AlgoError => new AlgoError('ALGO_NOT_CONFIRMED', { why });
