import type { RawReply, RawRequest } from '../contract/broker-adapter.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { Lane } from '../contract/http.js';
import type { InstrumentId } from '../domain/instrument.js';
import type { Candle, CandleRequest, Quote, QuoteDetail } from '../domain/market-data.js';
import type { BrokerOrder, ConnectionRef } from '../domain/order.js';
import type { AccountProfile, Funds, Holding, Position, Trade } from '../domain/portfolio.js';
import type { BreakerState } from '../resilience/circuit-breaker.js';
import type { ConnectionCheck } from './connection-check.js';
import type { ConnectionInstruments } from './connection-instruments.js';
import type { ConnectionSeverity } from './connection-severity.js';
import type { ConnectionState } from './connection-state.js';
import type { HealthPoint } from './health-history.js';
import type { BrokerHealthMetrics } from './health-monitor.js';

/** One account at one broker, as a host uses it. Every read is bounded by a deadline of 10 s and throws an `AlgoError`. */
export interface BrokerConnection extends ConnectionRef {
  readonly userId: string;
  readonly state: ConnectionState;
  /** How much that state matters right now, by market hours and the broker's maintenance. */
  readonly severity: ConnectionSeverity;
  readonly capabilities: BrokerCapabilities;
  readonly instruments: ConnectionInstruments;
  health(): BrokerHealthMetrics;
  /** Points for trends, oldest first: one for each minute with traffic, at most 24 hours. */
  healthHistory(): readonly HealthPoint[];
  /** State of the breaker in front of the order lane, with times as epoch milliseconds. */
  orderBreaker(): BreakerState;
  /** State of every lane's breaker, with times as epoch milliseconds. */
  breakers(): Readonly<Record<Lane, BreakerState>>;
  /**
   * Shuts a lane by hand, for so many milliseconds or, with null, until it is closed by hand. Entries and reads of it are
   * refused; cancels and checked exits pass, one at a time.
   *
   * @throws {AlgoError} `ALGO_INVALID_INPUT`
   */
  openBreaker(lane: Lane, forMs: number | null): void;
  /** Lets a lane's calls through again, whatever shut it. @throws {AlgoError} `ALGO_INVALID_INPUT` */
  closeBreaker(lane: Lane): void;
  profile(): Promise<AccountProfile>;
  /** The day's orders as the broker lists them, those placed elsewhere included. */
  orders(): Promise<readonly BrokerOrder[]>;
  order(brokerOrderId: string): Promise<BrokerOrder | null>;
  trades(brokerOrderId?: string): Promise<readonly Trade[]>;
  positions(): Promise<readonly Position[]>;
  holdings(): Promise<readonly Holding[]>;
  funds(): Promise<Funds>;
  quotes(instruments: readonly InstrumentId[], detail?: QuoteDetail): Promise<readonly Quote[]>;
  candles(request: CandleRequest): Promise<readonly Candle[]>;
  /** Reads account, orders and portfolio once, and tells of each how it went: what to do after a first connection. */
  check(): Promise<ConnectionCheck>;
  /**
   * Ends the session, here and at the broker. From then on every call fails with `ALGO_LOGIN_NEEDED`, until
   * `establishConnection`, `retryConnection` or `completeLogin`.
   *
   * @returns false where the broker has no log-out, could not be reached or refused, or nobody was logged in; the
   *   session is forgotten here all the same, but may live on at the broker until its end
   */
  logOut(): Promise<boolean>;
  /** A broker endpoint this SDK does not know. An order sent this way has no journal row and none of the promises. */
  raw(request: RawRequest): Promise<RawReply>;
}
