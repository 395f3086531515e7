import type { Listing } from '../domain/instrument.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { BrokerAdapter } from './broker-adapter.js';
import type { BrokerCapabilities } from './capabilities.js';
import type { CredentialTemplate } from './credential-template.js';
import type { BrokerHttp } from './http.js';
import type { RateLimits } from './rate-limits.js';

/** Looks a broker's own ids up in the master that is loaded. */
export interface InstrumentLookup {
  byToken(segment: string, token: string): Listing | null;
}

/** What core hands a broker package for one account. */
export interface BrokerContext {
  readonly http: BrokerHttp;
  readonly instruments: InstrumentLookup;
  readonly clock: Clock;
  readonly logger: Logger;
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
  /**
   * True when the adapter sends commands by a client of its own instead of `context.http`. Core cannot watch that one, so
   * nothing such an adapter reports, and no failure of it, ever counts as not sent. @default false
   */
  readonly usesOwnClient?: boolean;
  connect(context: BrokerContext): BrokerAdapter;
}
