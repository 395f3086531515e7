import type { InstrumentId, Listing } from '../domain/instrument.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { BrokerAdapter } from './broker-adapter.js';
import type { BrokerCapabilities } from './capabilities.js';
import type { CredentialTemplate } from './credential-template.js';
import type { BrokerHttp } from './http.js';
import type { RateLimits } from './rate-limits.js';

/**
 * Looks instruments up in the broker's master that is loaded; null for what it does not hold. Core's own offers all of
 * it; one that a test makes may leave out what is optional.
 */
export interface InstrumentLookup {
  byToken(segment: string, token: string): Listing | null;
  /**
   * By the broker's trading symbol, for replies that carry no token. Null also where the symbol names several contracts
   * of the segment, and for a master whose layout does not promise `symbolsAreUnique`.
   */
  bySymbol?(segment: string, symbol: string): Listing | null;
  find?(instrument: InstrumentId): Listing | null;
}

/** What core hands a broker package for one account. */
export interface BrokerContext {
  readonly http: BrokerHttp;
  readonly instruments: InstrumentLookup;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A time of day, in IST, at which a broker is known to be away. */
export interface MaintenanceWindow {
  /** `HH:MM`, the first minute. */
  readonly from: string;
  /** `HH:MM`, the first minute after it; earlier than `from` when it lasts beyond midnight. */
  readonly to: string;
  /** Days on which it begins. @default every day */
  readonly days?: readonly ('sun' | 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat')[];
}

/** A broker, described but not alive: nobody can place an order with it. Made by a broker package's `dhan()` and the like. */
export interface BrokerDefinition {
  /** Stable and lower case, `dhan`. */
  readonly id: string;
  readonly name: string;
  /** Hosts the adapter may talk to, without port. Anything else is refused, loopback excepted. */
  readonly hosts: readonly string[];
  readonly capabilities: BrokerCapabilities;
  readonly credentials: CredentialTemplate;
  readonly rateLimits: RateLimits;
  /** How long a read may take, in milliseconds, and how often it is tried in that time. Commands are never tried again. */
  readonly reads?: {
    /** @default 10000 */
    readonly timeoutMs?: number;
    /** @default 3 */
    readonly tries?: number;
  };
  /**
   * True when the adapter sends commands by a client of its own instead of `context.http`. Core cannot watch that one, so
   * nothing such an adapter reports, and no failure of it, ever counts as not sent. @default false
   */
  readonly usesOwnClient?: boolean;
  /** When the broker says it is away; a connection that fails then shows `maintenance`. A host may set others. @default none */
  readonly maintenance?: readonly MaintenanceWindow[];
  connect(context: BrokerContext): BrokerAdapter;
}
