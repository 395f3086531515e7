import type { Account } from '../exchange/account.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Market } from '../exchange/market.js';
import type { ResolvedDhanOptions } from './options.js';
import type { DhanCatalogue } from './masters/catalogue.js';
import type { RateLimits } from './rate-limits.js';
import type { TokenBook } from './tokens.js';

/** What an account holder types in to log in. */
export interface DhanLogin {
  readonly clientId: string;
  /** Six digits. */
  readonly pin: string;
  /** Base32. */
  readonly totpSecret: string;
}

/** What the handlers of the front end share. */
export interface DhanContext {
  readonly exchange: Exchange;
  readonly tokens: TokenBook;
  readonly logins: ReadonlyMap<string, DhanLogin>;
  readonly rateLimits: RateLimits;
  readonly catalogue: DhanCatalogue;
  readonly options: ResolvedDhanOptions;
}

/** One request whose route is known. Path parameters are decoded. */
export interface DhanCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly bodyText: string;
  /** Simulator time, epoch milliseconds. */
  readonly atMs: number;
  /** How long an order of this call stays out of sight, in milliseconds of simulator time. */
  readonly hiddenForMs: number;
}

/** A request with a good access token. */
export interface DhanUserCall extends DhanCall {
  readonly token: string;
  readonly account: Account;
}

/** The market of an order, trade or position that the exchange itself produced. */
export function marketOf(context: DhanContext, instrumentId: string): Market {
  const market = context.exchange.market(instrumentId);
  if (market === undefined) throw new Error(`There is no instrument ${instrumentId}`);
  return market;
}
