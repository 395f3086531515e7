import { AlgoError } from '../errors/algo-error.js';
import type { BrokerConnection, Connection } from '../connection/connection.js';
import type { ConnectionState } from '../connection/connection-state.js';
import type { BrokerHealthMetrics } from '../connection/health-monitor.js';
import type { ConnectionRef } from '../domain/order.js';
import type { OrderEvents } from '../orders/order-events.js';
import type { OrderDesk, Orders } from '../orders/order-desk.js';
import type { OrderRoad } from '../orders/order-road.js';
import type { Setback } from '../orders/setback.js';
import { chooseConnection } from '../routing/choose-connection.js';
import type { Emitter } from '../runtime/emitter.js';
import type { AuditDesk } from './audit-desk.js';
import type { BrokerDesk } from './broker-desk.js';
import { checkName } from './check-name.js';
import type { ConfigurationDesk } from './configuration-desk.js';
import type { CredentialDesk } from './credential-desk.js';
import type { UserDesks } from './user-desks.js';

/** What a user's manager tells its host. */
export interface ManagerEvents extends OrderEvents {
  'connection-changed': {
    readonly connection: ConnectionRef;
    readonly state: ConnectionState;
    readonly previous: ConnectionState;
  };
}

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
}

/** A connection with its part of the order road. */
export interface Line extends OrderRoad {
  readonly connection: Connection;
}

export interface ManagerOptions {
  readonly userId: string;
  readonly desks: UserDesks;
  readonly setback: Setback;
  readonly events: Emitter<ManagerEvents>;
  /** Builds a connection of this user; nothing is sent yet. */
  readonly connect: (ref: ConnectionRef) => Promise<Line>;
  readonly desk: () => Promise<OrderDesk>;
}

export class UserManager implements ConnectionManager {
  readonly userId: string;
  readonly credentials: CredentialDesk;
  readonly brokers: BrokerDesk;
  readonly configuration: ConfigurationDesk;
  readonly audit: AuditDesk;
  readonly orders: Orders;
  readonly #options: ManagerOptions;
  readonly #lines = new Map<string, Promise<Line>>();
  /** Those that were built, whatever their state. */
  #built: readonly Line[] = [];
  #desk: OrderDesk | null = null;
  #closed = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.userId = options.userId;
    const { credentials, brokers, configuration, audit } = options.desks;
    this.credentials = credentials;
    this.brokers = brokers;
    this.configuration = configuration;
    this.audit = audit;
    this.orders = this.#orders();
  }

  async establishConnection(ref: ConnectionRef): Promise<BrokerConnection> {
    this.#assertOpen();
    checkRef(ref);
    await this.#options.desks.switches.assertEnabled(ref.broker);
    const line = await this.#line(ref);
    await this.#openDesk();
    this.#assertOpen();
    await line.connection.establish(() => line.startUp.run());
    return line.connection;
  }

  retryConnection(ref: ConnectionRef): Promise<BrokerConnection> {
    return this.establishConnection(ref);
  }

  async beginLogin(ref: ConnectionRef): Promise<{ readonly url: string }> {
    this.#assertOpen();
    checkRef(ref);
    await this.#options.desks.switches.assertEnabled(ref.broker);
    const { connection } = await this.#line(ref);
    return { url: await connection.beginLogin() };
  }

  async completeLogin(ref: ConnectionRef, returned: Readonly<Record<string, string>>): Promise<BrokerConnection> {
    this.#assertOpen();
    checkRef(ref);
    checkReturned(returned);
    await this.#options.desks.switches.assertEnabled(ref.broker);
    const { connection } = await this.#line(ref);
    await connection.completeLogin(returned);
    return this.establishConnection(ref);
  }

  getConnectionStatus(): readonly ConnectionReport[] {
    return this.#built.map(({ connection }) => {
      const { broker, account, state } = connection;
      return { broker, account, state, health: connection.health() };
    });
  }

  monitorHealth(ref: ConnectionRef): BrokerHealthMetrics {
    return this.connection(ref).health();
  }

  connection(ref?: ConnectionRef): BrokerConnection {
    this.#assertOpen();
    return this.lineFor(ref).connection;
  }

  on<Name extends keyof ManagerEvents>(name: Name, listener: (event: ManagerEvents[Name]) => void): () => void {
    return this.#options.events.on(name, listener);
  }

  /** @throws {AlgoError} `ALGO_NOT_CONNECTED`, `ALGO_CONNECTION_UNCLEAR` */
  lineFor(wanted: ConnectionRef | undefined): Line {
    const lines = this.#built.map((line) => ({
      line,
      broker: line.connection.broker,
      account: line.connection.account,
    }));
    return chooseConnection(lines, wanted).line;
  }

  lineOf({ broker, account }: ConnectionRef): Line | null {
    return this.#built.find(({ connection }) => connection.broker === broker && connection.account === account) ?? null;
  }

  get lines(): readonly Line[] {
    return this.#built;
  }

  /** Ends the connections to one broker, for good: connected again, they are made anew. */
  async endConnections(broker: string): Promise<void> {
    const pending = [...this.#lines].filter(([key]) => brokerOfKey(key) === broker);
    for (const [key] of pending) this.#lines.delete(key);
    await Promise.allSettled(pending.map(([, line]) => line));
    const ended = this.#built.filter(({ connection }) => connection.broker === broker);
    this.#built = this.#built.filter((line) => !ended.includes(line));
    await Promise.all(ended.map(endLine));
    for (const { connection } of ended) connection.credentialsChangedElsewhere(); // no session of theirs stays in memory
  }

  /** Orders of processes that are gone are looked for here from now on. */
  async adoptOrders(): Promise<void> {
    const lines = this.#desk === null ? [] : this.#built.filter(({ gate }) => gate.hasOpened);
    const adopted = await Promise.allSettled(lines.map(({ startUp }) => startUp.adopt()));
    const failed = adopted.find((result) => result.status === 'rejected'); // the others were adopted all the same
    if (failed !== undefined) throw failed.reason;
  }

  async journalWentBack(): Promise<void> {
    this.#desk?.journalWentBack();
    await this.#options.setback.begin(() => this.#built);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#options.setback.close();
    await this.#desk?.close();
    await Promise.allSettled(this.#lines.values()); // one that is being built is closed with the others
    await Promise.all(this.#built.map(endLine));
    this.#options.events.clear();
  }

  #line(ref: ConnectionRef): Promise<Line> {
    const key = keyOf(ref);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = this.#options.connect(ref).then(
        (built) => {
          this.#built = [...this.#built, built];
          return built;
        },
        (error: unknown) => {
          this.#lines.delete(key); // an unknown broker or a store that failed to open may be mended
          throw error;
        },
      );
      this.#lines.set(key, line);
    }
    return line;
  }

  async #openDesk(): Promise<OrderDesk> {
    if (this.#desk === null) await this.#options.desks.off.read();
    this.#desk ??= await this.#options.desk();
    return this.#desk;
  }

  /** Before the store is open a call waits for it; afterwards the desk is asked at once, so that calls keep their order. */
  #orders(): Orders {
    const ask = async <Value>(run: (desk: OrderDesk) => Promise<Value>): Promise<Value> => {
      this.#assertOpen();
      return run(this.#desk ?? (await this.#openDesk()));
    };
    return {
      place: (request) => ask((desk) => desk.place(request)),
      modify: (request) => ask((desk) => desk.modify(request)),
      cancel: (request) => ask((desk) => desk.cancel(request)),
      margin: (request) => ask((desk) => desk.margin(request)),
      get: (clientOrderId) => ask((desk) => desk.get(clientOrderId)),
      refresh: (clientOrderId) => ask((desk) => desk.refresh(clientOrderId)),
      list: (filter) => ask((desk) => desk.list(filter)),
    };
  }

  #assertOpen(): void {
    if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'manager' });
  }
}

/** What came from a browser: texts of a sane length, or nothing. */
function checkReturned(returned: unknown): void {
  const fields = typeof returned === 'object' && returned !== null ? Object.values(returned) : [null];
  if (fields.every((value) => typeof value === 'string' && value.length <= 8_192)) return;
  const problem = 'must be the query of the callback: texts of at most 8192 characters by name';
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'returned', problem }] });
}

function checkRef(ref: ConnectionRef): void {
  checkName('broker', ref?.broker);
  checkName('account', ref?.account);
}

const keyOf = ({ broker, account }: ConnectionRef): string => JSON.stringify([broker, account]);

const brokerOfKey = (key: string): unknown => {
  const parts: unknown = JSON.parse(key);
  return Array.isArray(parts) ? parts[0] : null;
};

async function endLine({ reconciler, elsewhere, connection }: Line): Promise<void> {
  reconciler.close();
  elsewhere.close();
  await connection.close();
}
