import type { Account } from '../exchange/account.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Market } from '../exchange/market.js';
import type { RateLimits } from '../rate-limits.js';
import type { WireCall } from '../wire.js';
import type { RateFamily, ResolvedDhanOptions } from './options.js';
import type { DhanCatalogue } from './masters/catalogue.js';

import type { TokenBook } from './tokens.js';

/** What an account holder types in to log in. */
export interface DhanLogin {
  readonly clientId: string;
  /** Six digits. */
  readonly pin: string;
  /** Base32. */
  readonly totpSecret: string;
  /** The key pair of the consent log-in. */
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** What the handlers of the front end share. */
export interface DhanContext {
  readonly exchange: Exchange;
  readonly tokens: TokenBook;
  readonly logins: ReadonlyMap<string, DhanLogin>;
  /** Consents under way, by consent id and then by token id. */
  readonly consents: Map<string, string>;
  readonly rateLimits: RateLimits<RateFamily>;
  readonly catalogue: DhanCatalogue;
  readonly options: ResolvedDhanOptions;
}

/** A request with a good access token. */
export interface DhanUserCall extends WireCall {
  readonly token: string;
  readonly account: Account;
}

/** The market of an order, trade or position that the exchange itself produced. */
export function marketOf(context: DhanContext, instrumentId: string): Market {
  const market = context.exchange.market(instrumentId);
  if (market === undefined) throw new Error(`There is no instrument ${instrumentId}`);
  return market;
}
