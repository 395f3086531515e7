import type { BudgetStore } from '../contract/budget-store.js';
import type { Lane } from '../contract/http.js';
import type { RateLimits, RateWindow } from '../contract/rate-limits.js';
import { BudgetShare } from '../resilience/budget-share.js';
import { RateLimiter } from '../resilience/rate-limiter.js';
import { FamilyRates } from '../resilience/rate-places.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Ticker } from '../runtime/ticker.js';

/** Windows that a host sets for one user, over all of the user's brokers and on top of the brokers' own. */
export interface UserRates {
  /** Orders, modifies and cancels together. */
  readonly orders?: readonly RateWindow[];
  /** Every other request but log-ins. */
  readonly reads?: readonly RateWindow[];
}

export interface RateDeskOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly ticker: Ticker;
  readonly logger: Logger;
  /** The budgets that other processes take from too; null when the store is this process's alone. */
  readonly budgets: BudgetStore | null;
  /** Asked once per connection. */
  readonly limitsOf?: (userId: string) => UserRates;
}

/** Whose requests are counted. */
export interface RateKey {
  readonly userId: string;
  readonly broker: string;
  readonly account: string;
  /** What the broker sees the connection come from, or a name for it: equal for all that leave from one address. */
  readonly address: string;
}

/** How one family of a connection fares, for a person to read. */
export interface RateReport {
  readonly family: string;
  /** Empty where segments are not counted apart. */
  readonly segment: string;
  /** Milliseconds until a request may go. */
  readonly waitMs: number;
  /** Places come from a budget that several processes share. */
  readonly shared: boolean;
}

/** What is forgotten when nobody holds it is looked through when this many are there, or twice what was left last time. */
const FIRST_SWEEP = 256;

/**
 * All rate windows of one process. Two connections of one account count in the same windows, and so do all that leave
 * from one address where the broker counts those. Windows outlive the connection that used them, since closing and
 * opening it again gives no request back; what has run out is forgotten.
 */
export class RateDesk {
  readonly #options: RateDeskOptions;
  readonly #kept = new Map<string, Kept>();
  #sweepAt = FIRST_SWEEP;

  constructor(options: RateDeskOptions) {
    this.#options = options;
  }

  /** How many sets of windows are remembered. */
  get size(): number {
    return this.#kept.size;
  }

  /** The windows of one connection, by family; to be closed with it. */
  ratesOf(key: RateKey, limits: RateLimits): ConnectionRates {
    const { clock, limitsOf } = this.#options;
    return new ConnectionRates({
      key,
      limits,
      user: limitsOf?.(key.userId) ?? {},
      monotonic: () => clock.monotonic(),
      hold: (scope, windows, from) => this.#hold(scope, windows, from),
    });
  }

  close(): void {
    for (const { share } of this.#kept.values()) share?.close();
    this.#kept.clear();
  }

  #hold(scope: string, windows: readonly RateWindow[], from: 'store' | 'here'): Held {
    if (this.#kept.size >= this.#sweepAt) this.#sweep();
    let kept = this.#kept.get(scope);
    if (kept === undefined) this.#kept.set(scope, (kept = this.#make(scope, windows, from)));
    const held = kept;
    held.holders += 1;
    return { limiter: held.limiter, share: held.share, letGo: () => (held.holders -= 1) };
  }

  #make(scope: string, windows: readonly RateWindow[], from: 'store' | 'here'): Kept {
    const { clock, ticker, logger, budgets } = this.#options;
    const monotonic = (): number => clock.monotonic();
    const isShared = budgets !== null && from === 'store' && windows.length > 0;
    const share = isShared ? new BudgetShare({ store: budgets, scope, windows, monotonic, ticker, logger }) : null;
    return { limiter: new RateLimiter(windows, () => clock.now()), share, holders: 0 };
  }

  #sweep(): void {
    const now = this.#options.clock.monotonic();
    for (const [scope, { holders, limiter, share }] of this.#kept) {
      if (holders > 0 || !limiter.isIdle(now) || share?.isIdle(now) === false) continue;
      share?.close();
      this.#kept.delete(scope);
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#kept.size);
  }
}

interface Kept {
  readonly limiter: RateLimiter;
  readonly share: BudgetShare | null;
  holders: number;
}

interface Held {
  readonly limiter: RateLimiter;
  readonly share: BudgetShare | null;
  readonly letGo: () => void;
}

interface ConnectionRatesOptions {
  readonly key: RateKey;
  readonly limits: RateLimits;
  readonly user: UserRates;
  readonly monotonic: () => number;
  readonly hold: (scope: string, windows: readonly RateWindow[], from: 'store' | 'here') => Held;
}

/** The rate windows one connection's requests count in; made when a family is first used. */
export class ConnectionRates {
  readonly #options: ConnectionRatesOptions;
  readonly #families = new Map<string, Family>();
  #held: Held[] = [];

  constructor(options: ConnectionRatesOptions) {
    this.#options = options;
  }

  /**
   * Null for a family that the broker's table does not name.
   *
   * @param segment the exchange segment, for families that are counted by it
   */
  of(lane: Lane, family: string, segment = ''): FamilyRates | null {
    const known = this.#families.get(family) ?? this.#open(family);
    if (known === null) return null;
    const name = known.isBySegment ? segment : '';
    let rates = known.bySegment.get(name);
    if (rates === undefined) known.bySegment.set(name, (rates = this.#make(lane, family, name, known.windows)));
    return rates;
  }

  /**
   * The broker said "too many" to a request of that family: nothing of it goes for a while, then slower.
   *
   * @param retryAfterMs what the broker named, in milliseconds; null when nothing
   */
  slowDown(family: string, retryAfterMs: number | null): void {
    const now = this.#options.monotonic();
    for (const rates of this.#families.get(family)?.bySegment.values() ?? []) rates.slowDown(now, retryAfterMs);
  }

  /** Every family that was used, for a person to read. */
  report(): readonly RateReport[] {
    const now = this.#options.monotonic();
    const reports: RateReport[] = [];
    for (const [family, { bySegment }] of this.#families) {
      for (const [segment, rates] of bySegment) {
        reports.push({ family, segment, waitMs: Math.ceil(rates.waitMs(now, 0, 'entry')), shared: rates.isShared });
      }
    }
    return reports;
  }

  close(): void {
    for (const { letGo } of this.#held) letGo();
    this.#held = [];
    this.#families.clear();
  }

  #open(family: string): Family | null {
    const { limits } = this.#options;
    const windows = Object.hasOwn(limits, family) ? limits[family] : undefined;
    if (windows === undefined) return null;
    const known: Family = { windows, isBySegment: windows.some(({ bySegment }) => bySegment), bySegment: new Map() };
    this.#families.set(family, known);
    return known;
  }

  #make(lane: Lane, family: string, segment: string, windows: readonly RateWindow[]): FamilyRates {
    const { key, user } = this.#options;
    const account = scopeOf('account', key.userId, key.broker, key.account, family);
    const address = scopeOf('address', key.address, key.broker, family);
    const counted: Held[] = [this.#hold(account, windows.filter(isOf('account', false)))]; // slows down even when empty
    for (const [scope, per, bySegment] of [
      [`${account}/${segment}`, 'account', true],
      [address, 'address', false],
      [`${address}/${segment}`, 'address', true],
    ] as const) {
      const some = windows.filter(isOf(per, bySegment));
      if (some.length > 0) counted.push(this.#hold(scope, some));
    }
    const shares = counted.flatMap(({ share }) => share ?? []);
    const alone =
      shares.length === 0 ? null : this.#hold(`alone/${account}/${segment}`, windows.map(quarterOf), 'here');
    return new FamilyRates({
      counted: counted.map(({ limiter }) => limiter),
      allowed: this.#allowedTo(lane, user, key.userId),
      shares,
      alone: alone?.limiter ?? null,
    });
  }

  #allowedTo(lane: Lane, { orders, reads }: UserRates, userId: string): readonly RateLimiter[] {
    const windows = lane === 'orders' ? orders : lane === 'auth' ? undefined : reads;
    if (windows === undefined || windows.length === 0) return [];
    return [this.#hold(scopeOf('user', userId, lane === 'orders' ? 'orders' : 'reads'), windows, 'here').limiter];
  }

  #hold(scope: string, windows: readonly RateWindow[], from: 'store' | 'here' = 'store'): Held {
    const held = this.#options.hold(scope, windows, from);
    this.#held.push(held);
    return held;
  }
}

/** One family's windows, and what was made of them: under the name of its segment, or of none. */
interface Family {
  readonly windows: readonly RateWindow[];
  readonly isBySegment: boolean;
  readonly bySegment: Map<string, FamilyRates>;
}

const isOf =
  (per: 'account' | 'address', bySegment: boolean) =>
  (window: RateWindow): boolean =>
    (window.per ?? 'account') === per && (window.bySegment ?? false) === bySegment;

/** A quarter of the rate; a window too small to be divided becomes longer. */
const quarterOf = (window: RateWindow): RateWindow =>
  window.limit >= 4
    ? { ...window, limit: Math.floor(window.limit / 4) }
    : { ...window, limit: 1, perMs: Math.ceil((4 * window.perMs) / window.limit) };

/** Names are encoded, so that no account's name can be read as another's scope. */
const scopeOf = (...names: readonly string[]): string => names.map((name) => encodeURIComponent(name)).join('/');
