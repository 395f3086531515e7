import type { BrokerSetup, SimulatedBroker } from '../broker.js';
import { hasKind } from '../broker.js';
import { createWire, jsonReply, plainReply } from '../wire.js';
import type { AngelAccountOptions, ResolvedAngelOptions } from './options.js';

/** All that a client needs to reach its account. */
export interface AngelCredentials {
  readonly clientCode: string;
  readonly apiKey: string;
  readonly mpin: string;
  readonly totpSecret: string;
}

/** Where a client finds Angel One. */
export interface AngelReach {
  /** `http://127.0.0.1:PORT`, before `/rest`. */
  readonly baseUrl: string;
  /** The instrument master. */
  readonly instrumentsUrl: string;
  readonly credentials: AngelCredentials;
  /** Opens one more account, or finds it again after a restart. */
  addAccount(account: AngelAccountOptions): AngelCredentials;
}

/** What the front end keeps over a restart. */
export interface AngelEvent {
  readonly kind: 'login';
  readonly atMs: number;
}

export const isAngelEvent = (value: unknown): value is AngelEvent => hasKind(value);

/** When the newest event happened; 0 when there is none. A restarted clock must not run behind it. */
export const lastAngelEventMs = (history: readonly AngelEvent[]): number => history.at(-1)?.atMs ?? 0;

/** Puts Angel One in front of the exchange. */
export function createAngel({ exchange }: BrokerSetup<AngelEvent, ResolvedAngelOptions>): SimulatedBroker<AngelReach> {
  const wire = createWire({
    routes: [],
    realUrl: (received) => new URL(received, 'http://angel'),
    answer: () => jsonReply(404, {}),
    notFound: () => jsonReply(404, {}),
    now: () => exchange.now(),
    gzip: false,
  });
  throw new Error(`not served yet ${String(wire)} ${String(plainReply)}`);
}
