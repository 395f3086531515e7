import type { Account } from '../exchange/account.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Market } from '../exchange/market.js';
import type { RateLimits } from '../rate-limits.js';
import type { WireCall } from '../wire.js';
import type { KotakCatalogue, KotakScrip } from './masters/catalogue.js';
import type { KotakFamily, ResolvedKotakOptions } from './options.js';
import type { OrderJournal } from './order-journal.js';
import type { SessionBook } from './sessions.js';

/** What an account holder types in to log in, and where the account lives. */
export interface KotakLogin {
  readonly ucc: string;
  readonly accessToken: string;
  readonly mobileNumber: string;
  readonly mpin: string;
  readonly totpSecret: string;
  readonly dataCenter: string;
}

/** What the handlers of the front end share. */
export interface KotakContext {
  readonly exchange: Exchange;
  readonly sessions: SessionBook;
  readonly journal: OrderJournal;
  /** By UCC. */
  readonly logins: ReadonlyMap<string, KotakLogin>;
  readonly rateLimits: RateLimits<KotakFamily>;
  readonly catalogue: KotakCatalogue;
  readonly options: ResolvedKotakOptions;
  /** `http://127.0.0.1:port`, once served. */
  readonly origin: () => string;
}

/** A request of a known account: with a good trade session, or with its access token alone. */
export interface KotakUserCall extends WireCall {
  readonly account: Account;
}

/** An instrument of the exchange with its row of the scrip files. */
export interface Listing {
  readonly scrip: KotakScrip;
  readonly market: Market;
}

/** The market of an order, trade or position that the exchange itself produced, and its scrip. */
export function listingOf(context: KotakContext, instrumentId: string): Listing {
  const market = context.exchange.market(instrumentId);
  const scrip = context.catalogue.byInstrument(instrumentId);
  if (market === undefined || scrip === undefined) throw new Error(`Kotak does not list ${instrumentId}`);
  return { scrip, market };
}
