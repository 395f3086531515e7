import type { BrokerSetup, SimulatedBroker } from '../broker.js';
import { hasKind } from '../broker.js';
import { createWire, jsonReply, plainReply } from '../wire.js';
import type { KotakAccountOptions, ResolvedKotakOptions } from './options.js';

/** All that a client needs to reach its account. */
export interface KotakCredentials {
  readonly accessToken: string;
  readonly ucc: string;
  readonly mobileNumber: string;
  readonly mpin: string;
  readonly totpSecret: string;
}

/** Where a client finds Kotak Neo. */
export interface KotakReach {
  /** Host of the log-in; what comes after it is told by the log-in. */
  readonly loginUrl: string;
  readonly credentials: KotakCredentials;
  /** Opens one more account, or finds it again after a restart. */
  addAccount(account: KotakAccountOptions): KotakCredentials;
}

/** What the front end keeps over a restart. */
export interface KotakEvent {
  readonly kind: 'login';
  readonly atMs: number;
}

export const isKotakEvent = (value: unknown): value is KotakEvent => hasKind(value);

/** When the newest event happened; 0 when there is none. A restarted clock must not run behind it. */
export const lastKotakEventMs = (history: readonly KotakEvent[]): number => history.at(-1)?.atMs ?? 0;

/** Puts Kotak Neo in front of the exchange. */
export function createKotak({ exchange }: BrokerSetup<KotakEvent, ResolvedKotakOptions>): SimulatedBroker<KotakReach> {
  const wire = createWire({
    routes: [],
    realUrl: (received) => new URL(received, 'http://kotak'),
    answer: () => jsonReply(404, {}),
    notFound: () => jsonReply(404, {}),
    now: () => exchange.now(),
    gzip: false,
  });
  throw new Error(`not served yet ${String(wire)} ${String(plainReply)}`);
}
