import type { BrokerConnection } from '../connection/broker-connection.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { Diagnosis } from '../connection/diagnosis-facts.js';
import type { BrokerHealthMetrics } from '../connection/health-monitor.js';
import type { ConnectionRef } from '../domain/order.js';
import type { Orders } from '../orders/order-desk.js';
import type { AccountReads } from '../routing/account-reads.js';
import type { FailoverStrategy } from '../routing/failover-strategy.js';
import type { FailoverConfirmation, FailoverMade, FailoverPreview, FailoverTo } from '../routing/manual-failover.js';
import type { MarketReads } from '../routing/read-router.js';
import type { RoutingStatus } from '../routing/router.js';
import type { EventStream, EventStreamOptions } from '../runtime/event-stream.js';
import type { ChangedBy } from './audit-entry.js';
import type { AuditDesk } from './audit-desk.js';
import type { BrokerDesk } from './broker-desk.js';
import type { ConfigurationDesk } from './configuration-desk.js';
import type { CredentialDesk } from './credential-desk.js';
import type { ManagerEvents } from './manager-events.js';
import type { DiagnoseOptions } from './support-desk.js';
import type { ConnectionTest, ConnectionTestRequest } from './test-connection.js';
import type { StartOptions, StartReport, UserStatus } from './user-life.js';

export type { ManagerEvents } from './manager-events.js';

/** State of one connection, for a status page. */
export interface ConnectionReport extends ConnectionRef {
  readonly state: ConnectionState;
  readonly health: BrokerHealthMetrics;
}

/** One user's connections and orders; the only way to them. */
export interface ConnectionManager {
  readonly userId: string;
  readonly credentials: CredentialDesk;
  readonly brokers: BrokerDesk;
  readonly configuration: ConfigurationDesk;
  readonly audit: AuditDesk;
  readonly orders: Orders;
  /** Market data, from whichever connection has it. */
  readonly market: MarketReads;
  /** What accounts hold and did; the last that was known while their broker is away. */
  readonly accounts: AccountReads;
  /**
   * Logs in, checks the account, loads the broker's instruments and reads the order book. Asked again for the same
   * account it gives the same connection.
   *
   * @throws {AlgoError} `ALGO_UNKNOWN_BROKER`, `ALGO_NO_CREDENTIALS`, `ALGO_LOGIN_REFUSED`, `ALGO_WRONG_ACCOUNT`,
   *   `ALGO_BROKER_DISABLED`, `ALGO_CONNECTION_OWNED`, …
   */
  establishConnection(ref: ConnectionRef): Promise<BrokerConnection>;
  /**
   * Begins a log-in that a person makes on the broker's own page. One may be open per account, for ten minutes.
   *
   * @returns where to send the person's browser; the broker's page then calls the address registered with the broker
   * @throws {AlgoError} `ALGO_NOT_SUPPORTED`, `ALGO_NO_CREDENTIALS`, `ALGO_LOGIN_NEEDED`
   */
  beginLogin(ref: ConnectionRef): Promise<{ readonly url: string }>;
  /**
   * Completes it and establishes the connection.
   *
   * @param returned the query of that call, as it came
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` when it belongs to no log-in begun here, or the broker refuses
   */
  completeLogin(ref: ConnectionRef, returned: Readonly<Record<string, string>>): Promise<BrokerConnection>;
  getConnectionStatus(): readonly ConnectionReport[];
  /** Grades of one connection, from real traffic. */
  monitorHealth(ref: ConnectionRef): BrokerHealthMetrics;
  /** Tries again after an error, with whatever credentials are stored now. */
  retryConnection(ref: ConnectionRef): Promise<BrokerConnection>;
  /** The connection if it was established; the only one when none is named. */
  connection(ref?: ConnectionRef): BrokerConnection;
  /** Subscribes; returns what unsubscribes. A listener that throws harms nobody else. */
  on<Name extends keyof ManagerEvents>(name: Name, listener: (event: ManagerEvents[Name]) => void): () => void;
  /**
   * The same as something to loop over: `for await (const { state } of me.events('connection-changed'))`. It hears from
   * now on, and ends with `stop`, with `close`, and when the loop is left.
   */
  events<Name extends keyof ManagerEvents>(name: Name, options?: EventStreamOptions): EventStream<ManagerEvents[Name]>;
  /**
   * Tries credentials out that are stored nowhere, or an account's stored ones: logs in, sees whose account it is, reads
   * the portfolio. Of credentials that are not stored nothing stays, here or at the broker, where that has a log-out.
   * What the broker refuses is a result.
   *
   * @throws {AlgoError} `ALGO_UNKNOWN_BROKER`, `ALGO_INVALID_INPUT` naming fields, never values
   */
  testConnection(request: ConnectionTestRequest): Promise<ConnectionTest>;
  /**
   * Looks at everything between this user and one account: names, TLS, clock, egress, credentials, session, rates,
   * breakers, last faults, instruments. Takes at most 10 s, calls no broker function, and throws for nothing it finds.
   * `text` is for a person; nothing in it is secret.
   *
   * @throws {AlgoError} `ALGO_UNKNOWN_BROKER`, `ALGO_INVALID_INPUT`, `ALGO_CLOSED`
   */
  diagnose(ref: ConnectionRef, options?: DiagnoseOptions): Promise<Diagnosis>;
  /** Whether this user's calls are served. */
  readonly status: UserStatus;
  /**
   * Connects every account the user has stored credentials for, or those named, some at the same time. Tells of each how
   * it went: one that fails is no failure of this call.
   *
   * @throws {AlgoError} `ALGO_INVALID_INPUT`, `ALGO_CLOSED`, `ALGO_STORE_FAILED`
   */
  start(options?: StartOptions): Promise<StartReport>;
  /**
   * Ends this user's orders under way as they stand, as `algo.close` does, and every connection; nothing of them stays in
   * memory. Until `start` its calls throw `ALGO_USER_STOPPED`; credentials and configuration can still be changed, and
   * listeners stay. No other user notices.
   */
  stop(): Promise<void>;
  /**
   * Chooses the connection that serves calls that name none; `null` chooses none. It is remembered, and need not be
   * connected now: while it is not, such a call is refused and goes nowhere else.
   *
   * @throws {AlgoError} `ALGO_UNKNOWN_BROKER`, `ALGO_INVALID_INPUT`, `ALGO_STORE_CONFLICT`
   */
  setDefault(ref: ConnectionRef | null, by?: ChangedBy): Promise<void>;
  defaultConnection(): Promise<ConnectionRef | null>;
  /**
   * Sets which connection serves calls that name none, and what happens when it cannot; `null` takes the strategy away.
   * Stored, audited, and in force at once, in every process that shares the store.
   *
   * @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem found, `ALGO_UNKNOWN_BROKER`, `ALGO_STORE_CONFLICT`
   */
  setFailover(strategy: FailoverStrategy | null, by?: ChangedBy): Promise<void>;
  failover(): Promise<FailoverStrategy | null>;
  /** Which connection serves now; null without a strategy. */
  routingStatus(): RoutingStatus | null;
  /**
   * Moves calls by a person's word, in two steps: first a preview with a token, then `{ confirm: token }` within a
   * minute. Orders that work at the broker which is left stay there. What was moved by hand comes back by hand.
   *
   * @throws {AlgoError} `ALGO_NOT_CONFIRMED`, `ALGO_INVALID_INPUT`, `ALGO_NOT_CONNECTED`, `ALGO_ALL_BROKERS_DOWN`
   */
  handleFailover(confirmation: FailoverConfirmation): Promise<FailoverMade>;
  handleFailover(wanted?: FailoverTo): Promise<FailoverPreview>;
}
