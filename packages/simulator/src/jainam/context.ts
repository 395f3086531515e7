import type { Account } from '../exchange/account.js';
import type { Exchange } from '../exchange/exchange.js';
import type { Instrument } from '../exchange/instrument.js';
import type { Market } from '../exchange/market.js';
import type { RateLimits } from '../rate-limits.js';
import type { Reply, WireCall } from '../wire.js';
import type { JainamLogin } from './logins.js';
import type { JainamCatalogue, Listing } from './masters/catalogue.js';
import type { JainamFamily, ResolvedJainamOptions } from './options.js';
import { badRequest, refused, required } from './replies.js';
import type { Session, SessionBook } from './sessions.js';
import type { Subscriptions } from './subscriptions.js';

/** What the handlers of the front end share. */
export interface JainamContext {
  readonly exchange: Exchange;
  readonly sessions: SessionBook;
  /** By user id. */
  readonly logins: ReadonlyMap<string, JainamLogin>;
  readonly rateLimits: RateLimits<JainamFamily>;
  readonly catalogue: JainamCatalogue;
  readonly subscriptions: Subscriptions;
  readonly options: ResolvedJainamOptions;
  /** Keys that host look-ups gave out. */
  readonly hostKeys: Set<string>;
  /** `http://127.0.0.1:PORT`, known once the front end is served. */
  readonly origin: () => string;
}

/** A request with a living token of the right product. */
export interface JainamUserCall extends WireCall {
  readonly session: Session;
  readonly login: JainamLogin;
}

/**
 * The account a call is about. A dealer has to say; an investor need not, and official clients spell a missing value
 * `undefined`.
 */
export function clientOf(
  { exchange }: JainamContext,
  { login }: JainamUserCall,
  asked: unknown,
  location: 'body' | 'query',
): Account | Reply {
  const given = typeof asked === 'string' && !['', 'undefined', 'null'].includes(asked) ? asked : undefined;
  if (given === undefined && login.dealer) return badRequest([required('clientID', location)]);
  const code = given ?? login.clientCodes[0] ?? '';
  const account = login.clientCodes.includes(code) ? exchange.account('jainam', code) : undefined;
  return account ?? refused('not-mapped');
}

export const isReply = (value: object): value is Reply => 'contentType' in value;

/** The log-in that trades a client's account, for the column LoginID. */
export function loginIdOf({ logins }: JainamContext, clientCode: string): string {
  for (const { userId, clientCodes } of logins.values()) if (clientCodes.includes(clientCode)) return userId;
  return clientCode;
}

/** The listing of what an order, trade or position that the exchange produced is in. */
export function listingOf(context: JainamContext, instrumentId: string): Listing & { readonly instrument: Instrument } {
  const { instrument } = marketOf(context, instrumentId);
  return { ...context.catalogue.of(instrument), instrument };
}

export function marketOf({ exchange }: JainamContext, instrumentId: string): Market {
  const market = exchange.market(instrumentId);
  if (market === undefined) throw new Error(`There is no instrument ${instrumentId}`);
  return market;
}
