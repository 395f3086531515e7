import type { Exchange } from './exchange/exchange.js';
import type { Instrument } from './exchange/instrument.js';
import type { FrontEnd } from './server/front-end.js';
import type { StateFile } from './state.js';

/** What a broker is put together from. `Event` is what it keeps over a restart. */
export interface BrokerSetup<Event, Options> {
  readonly exchange: Exchange;
  readonly instruments: readonly Instrument[];
  readonly options: Options;
  readonly seed: number;
  readonly file: StateFile<Event>;
}

/** A broker in front of the exchange. */
export interface SimulatedBroker<Reach> {
  readonly frontEnd: FrontEnd;
  /** Where a client finds it, once it is served, and what an account logs in with. */
  reach(origin: string): Reach;
}

/** Every broker keeps lines of JSON with a kind. */
export const hasKind = (value: unknown): value is { readonly kind: unknown } =>
  typeof value === 'object' && value !== null && 'kind' in value;
