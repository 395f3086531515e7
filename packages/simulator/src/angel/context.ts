import type { Account } from '../exchange/account.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Market } from '../exchange/market.js';
import type { RateLimits } from '../rate-limits.js';
import type { WireCall } from '../wire.js';
import type { AngelCatalogue } from './masters/catalogue.js';
import type { AngelFamily, ResolvedAngelOptions } from './options.js';
import type { SessionBook } from './session-book.js';

/** What an account holder logs in with. */
export interface AngelLogin {
  readonly clientCode: string;
  readonly apiKey: string;
  /** Four digits. */
  readonly mpin: string;
  /** Base32. */
  readonly totpSecret: string;
}

/** What an order lacked when it was rejected for funds, rupees: its row says so for the rest of the day. */
export interface Shortfall {
  readonly available: number;
  readonly required: number;
}

/** What the handlers of the front end share. */
export interface AngelContext {
  readonly exchange: Exchange;
  readonly sessions: SessionBook;
  readonly logins: ReadonlyMap<string, AngelLogin>;
  /** The digits each client last logged in with. */
  readonly usedTotps: Map<string, string>;
  readonly rateLimits: RateLimits<AngelFamily>;
  readonly catalogue: AngelCatalogue;
  readonly shortfallOf: (orderid: string) => Shortfall | undefined;
  readonly rememberShortfall: (orderid: string, shortfall: Shortfall) => void;
  readonly options: ResolvedAngelOptions;
}

/** A request with a good token and the API key of its account. */
export interface AngelUserCall extends WireCall {
  readonly account: Account;
}

/** The market of an order, trade or position that the exchange itself produced. */
export function marketOf(context: AngelContext, instrumentId: string): Market {
  const market = context.exchange.market(instrumentId);
  if (market === undefined) throw new Error(`There is no instrument ${instrumentId}`);
  return market;
}
