import type { BrokerSetup, SimulatedBroker } from '../broker.js';
import { hasKind } from '../broker.js';
import { createWire, jsonReply, plainReply } from '../wire.js';
import type { JainamAccountOptions, ResolvedJainamOptions } from './options.js';

/** All that a client needs to reach its account. */
export interface JainamCredentials {
  readonly interactiveApiKey: string;
  readonly interactiveApiSecret: string;
  readonly marketApiKey: string;
  readonly marketApiSecret: string;
  /** The user id that a log-in answers. */
  readonly clientId: string;
}

/** Where a client finds Jainam's XTS. */
export interface JainamReach {
  /** `http://127.0.0.1:PORT`; the prefixes `/interactive` and `/apimarketdata` come after it. */
  readonly baseUrl: string;
  readonly credentials: JainamCredentials;
  /** Opens one more account, or finds it again after a restart. */
  addAccount(account: JainamAccountOptions): JainamCredentials;
}

/** What the front end keeps over a restart. */
export interface JainamEvent {
  readonly kind: 'login';
  readonly atMs: number;
}

export const isJainamEvent = (value: unknown): value is JainamEvent => hasKind(value);

/** When the newest event happened; 0 when there is none. A restarted clock must not run behind it. */
export const lastJainamEventMs = (history: readonly JainamEvent[]): number => history.at(-1)?.atMs ?? 0;

/** Puts Jainam's XTS in front of the exchange. */
export function createJainam({
  exchange,
}: BrokerSetup<JainamEvent, ResolvedJainamOptions>): SimulatedBroker<JainamReach> {
  const wire = createWire({
    routes: [],
    realUrl: (received) => new URL(received, 'http://jainam'),
    answer: () => jsonReply(404, {}),
    notFound: () => jsonReply(404, {}),
    now: () => exchange.now(),
    gzip: false,
  });
  throw new Error(`not served yet ${String(wire)} ${String(plainReply)}`);
}
