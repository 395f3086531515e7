import type { BrokerConnection } from '../connection/broker-connection.js';
import type { EstablishOptions } from '../connection/connection.js';
import type { Diagnosis } from '../connection/diagnosis-facts.js';
import type { SharedEgress } from '../connection/egress-desk.js';
import type { BrokerHealthMetrics } from '../connection/health-monitor.js';
import type { ConnectionRef } from '../domain/order.js';
import { AlgoError } from '../errors/algo-error.js';
import type { OrderDesk, Orders } from '../orders/order-desk.js';
import { ownCopy } from '../orders/own-copy.js';
import type { Setback } from '../orders/setback.js';
import type { AccountReads } from '../routing/account-reads.js';
import { checkStrategy } from '../routing/check-strategy.js';
import type { FailoverStrategy } from '../routing/failover-strategy.js';
import type { FailoverConfirmation, FailoverMade, FailoverPreview, FailoverTo } from '../routing/manual-failover.js';
import type { MarketReads } from '../routing/read-router.js';
import type { RoutingStatus } from '../routing/router.js';
import type { Emitter } from '../runtime/emitter.js';
import { EventStreams } from '../runtime/event-stream.js';
import type { EventStream, EventStreamOptions } from '../runtime/event-stream.js';
import type { AuditDesk } from './audit-desk.js';
import type { ChangedBy } from './audit-entry.js';
import type { BrokerDesk } from './broker-desk.js';
import { checkName, checkObject } from './check-name.js';
import type { ConfigurationDesk } from './configuration-desk.js';
import type { ConnectionLimits } from './connection-limits.js';
import type { ConnectionManager, ConnectionReport } from './connection-manager.js';
import type { CredentialDesk } from './credential-desk.js';
import type { Line } from './line.js';
import type { ManagerEvents } from './manager-events.js';
import type { DiagnoseOptions, SupportDesk } from './support-desk.js';
import type { ConnectionTest, ConnectionTestRequest } from './test-connection.js';
import type { UserDesks } from './user-desks.js';
import type { StartOptions, StartReport, UserLife, UserStatus } from './user-life.js';
import { UserLines } from './user-lines.js';
import type { UserRouting } from './user-routing.js';

export interface ManagerOptions {
  readonly userId: string;
  readonly desks: UserDesks;
  /** Made anew after each stop, as the next two are. */
  readonly setback: () => Setback;
  readonly routing: () => UserRouting;
  readonly desk: (routing: UserRouting) => Promise<OrderDesk>;
  readonly events: Emitter<ManagerEvents>;
  /** Builds a connection of this user; nothing is sent yet. */
  readonly connect: (ref: ConnectionRef) => Promise<Line>;
  /** How this user comes and goes; told what to connect with and what to end. */
  readonly life: (parts: LifeParts) => UserLife;
  readonly limits: ConnectionLimits;
  readonly support: SupportDesk;
}

export interface LifeParts {
  readonly establish: (ref: ConnectionRef) => Promise<unknown>;
  readonly end: () => Promise<void>;
}

/** The manager of one user, behind `algo.user(id)`. */
export class UserManager implements ConnectionManager {
  readonly userId: string;
  readonly credentials: CredentialDesk;
  readonly brokers: BrokerDesk;
  readonly configuration: ConfigurationDesk;
  readonly audit: AuditDesk;
  readonly orders: Orders;
  readonly market: MarketReads;
  readonly accounts: AccountReads;
  readonly #options: ManagerOptions;
  readonly #lines: UserLines;
  #routing: UserRouting;
  #desk: OrderDesk | null = null;
  #deskOpening: Promise<OrderDesk> | null = null;
  readonly #life: UserLife;
  readonly #streams = new EventStreams();
  #setback: Setback;
  #closed = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.userId = options.userId;
    const { credentials, brokers, configuration, audit } = options.desks;
    this.credentials = credentials;
    this.brokers = brokers;
    this.configuration = configuration;
    this.audit = audit;
    this.#lines = new UserLines({
      connect: options.connect,
      assertRoomFor: (lines) => options.limits.assertRoomFor(lines),
    });
    this.orders = this.#orders();
    this.market = this.#market();
    this.accounts = this.#accounts();
    this.#setback = options.setback();
    this.#routing = options.routing();
    this.#life = options.life({
      establish: (ref) => this.#establish(ref, { keepTrying: true }),
      end: () => this.#end(),
    });
    options.events.on('connection-changed', ({ connection }) => this.#noticed(connection));
    options.events.on('breaker-changed', ({ connection }) => this.#noticed(connection));
  }

  get status(): UserStatus {
    return this.#life.status;
  }

  async start(options?: StartOptions): Promise<StartReport> {
    this.#assertNotClosed();
    if (options !== undefined) checkObject('options', options);
    return this.#life.start(options);
  }

  async stop(): Promise<void> {
    this.#assertNotClosed();
    await this.#life.stop();
  }

  async testConnection(request: ConnectionTestRequest): Promise<ConnectionTest> {
    this.#assertOpen();
    checkObject('request', request);
    return this.#options.support.test(request);
  }

  async diagnose(ref: ConnectionRef, options: DiagnoseOptions = {}): Promise<Diagnosis> {
    this.#assertNotClosed();
    checkRef(ref);
    checkObject('options', options);
    return this.#options.support.diagnose(ref, options);
  }

  async setDefault(ref: ConnectionRef | null, by?: ChangedBy): Promise<void> {
    this.#assertNotClosed();
    if (ref !== null) checkRef(ref);
    await this.#options.desks.setDefault(ref, by);
  }

  async defaultConnection(): Promise<ConnectionRef | null> {
    this.#assertNotClosed();
    return this.#options.desks.preferred.read();
  }

  async setFailover(strategy: FailoverStrategy | null, by?: ChangedBy): Promise<void> {
    this.#assertNotClosed();
    await this.#options.desks.setFailover(strategy === null ? null : checkStrategy(strategy), by);
  }

  async failover(): Promise<FailoverStrategy | null> {
    this.#assertNotClosed();
    return this.#options.desks.failover.read();
  }

  routingStatus(): RoutingStatus | null {
    return this.#routing.router.status();
  }

  handleFailover(confirmation: FailoverConfirmation): Promise<FailoverMade>;
  handleFailover(wanted?: FailoverTo): Promise<FailoverPreview>;
  async handleFailover(request: FailoverConfirmation | FailoverTo = {}): Promise<FailoverMade | FailoverPreview> {
    this.#assertOpen();
    checkObject('request', request);
    await this.#openDesk(); // the strategy is known from then on
    const { byHand } = this.#routing;
    return 'confirm' in request ? byHand.confirm(request.confirm) : byHand.preview(request);
  }

  establishConnection(ref: ConnectionRef): Promise<BrokerConnection> {
    return this.#establish(ref, {});
  }

  async #establish(ref: ConnectionRef, how: EstablishOptions): Promise<BrokerConnection> {
    this.#assertOpen();
    checkRef(ref);
    await this.#options.desks.switches.assertEnabled(ref.broker);
    const line = await this.#line(ref);
    this.#assertOpen();
    await this.#openDesk();
    this.#assertOpen();
    await line.connection.establish(() => line.startUp.run(), how);
    return this.#options.limits.guard(line.connection);
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
    return this.lines.map(({ connection }) => {
      const { broker, account, state } = connection;
      return { broker, account, state, health: connection.health() };
    });
  }

  monitorHealth(ref: ConnectionRef): BrokerHealthMetrics {
    return this.connection(ref).health();
  }

  connection(ref?: ConnectionRef): BrokerConnection {
    this.#assertOpen();
    return this.#options.limits.guard(this.#routing.router.choose(ref));
  }

  on<Name extends keyof ManagerEvents>(name: Name, listener: (event: ManagerEvents[Name]) => void): () => void {
    return this.#options.events.on(name, listener);
  }

  events<Name extends keyof ManagerEvents>(name: Name, options?: EventStreamOptions): EventStream<ManagerEvents[Name]> {
    this.#assertOpen();
    return this.#streams.open((listener) => this.on(name, listener), options);
  }

  lineOf(ref: ConnectionRef): Line | null {
    return this.#lines.of(ref);
  }

  get lines(): readonly Line[] {
    return this.#lines.built;
  }

  /** Ends the connections to one broker, for good: connected again, they are made anew. */
  endConnections(broker: string): Promise<void> {
    return this.#lines.endOf(broker);
  }

  /** The credentials of one account changed: what was read of it may be another person's. */
  forgetReads(ref: ConnectionRef): void {
    this.#routing.forget(ref);
  }

  /** The strategy was read from the store, and may be another one than before. */
  strategyRead(): void {
    this.#routing.router.use(this.#options.desks.failover.known);
  }

  /** Another user's accounts leave from the address of this one's. */
  egressShared({ address, users }: SharedEgress): void {
    this.#options.events.emit('egress-shared', { address, users });
  }

  /** Orders of processes that are gone are looked for here from now on. */
  async adoptOrders(): Promise<void> {
    const lines = this.#desk === null ? [] : this.lines.filter(({ gate }) => gate.hasOpened);
    const adopted = await Promise.allSettled(lines.map(({ startUp }) => startUp.adopt()));
    for (const { connection } of lines) this.#desk?.drain(connection); // orders that other processes left waiting
    const failed = adopted.find((result) => result.status === 'rejected'); // the others were adopted all the same
    if (failed !== undefined) throw failed.reason;
  }

  async journalWentBack(): Promise<void> {
    this.#desk?.journalWentBack();
    await this.#setback.begin(() => this.lines);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#life.stop();
    this.#options.events.clear();
  }

  /** Ends all that this user has under way; a start makes it anew. */
  async #end(): Promise<void> {
    this.#setback.close();
    const desk = this.#desk ?? (await this.#deskOpening?.catch(() => null));
    try {
      await desk?.close();
    } finally {
      this.#routing.close();
      await this.#lines.endAll(this.#closed);
      this.#streams.close();
      if (!this.#closed) this.#renew();
    }
  }

  #renew(): void {
    this.#desk = null;
    this.#deskOpening = null;
    this.#setback = this.#options.setback();
    this.#routing = this.#options.routing();
  }

  /** A connection or one of its breakers changed: what waits for it may go now, and calls may find another way. */
  #noticed(ref: ConnectionRef): void {
    this.#routing.router.noticed();
    this.#desk?.drain(ref);
  }

  #line(ref: ConnectionRef): Promise<Line> {
    this.#assertOpen(); // a stop may have come while the caller waited
    return this.#lines.make(ref);
  }

  /** One desk, however many ask at the same time: it alone knows which orders are under way. */
  #openDesk(): Promise<OrderDesk> {
    this.#deskOpening ??= this.#newDesk().catch((error: unknown) => {
      this.#deskOpening = null;
      throw error;
    });
    return this.#deskOpening;
  }

  async #newDesk(): Promise<OrderDesk> {
    const { off, preferred, failover } = this.#options.desks;
    await Promise.all([off.read(), preferred.read(), failover.read()]);
    this.#desk = await this.#options.desk(this.#routing);
    return this.#desk;
  }

  /** Before the store is open a call waits for it; afterwards the desk is asked at once, so that calls keep their order. */
  #orders(): Orders {
    const ask = async <Value>(run: (desk: OrderDesk) => Promise<Value>): Promise<Value> => {
      this.#assertOpen();
      return run(this.#desk ?? (await this.#openDesk()));
    };
    const counted = <Value>(run: (desk: OrderDesk) => Promise<Value>): Promise<Value> =>
      this.#options.limits.call(() => ask(run));
    return {
      place: (request) => {
        const asked = ownCopy(request);
        const place = (desk: OrderDesk) => desk.place(asked);
        return request?.reduceOnly === true ? ask(place) : counted(place);
      },
      modify: (request) => {
        const asked = ownCopy(request);
        return counted((desk) => desk.modify(asked));
      },
      cancel: (request) => ask((desk) => desk.cancel(request)),
      margin: (request) => counted((desk) => desk.margin(request)),
      get: (clientOrderId) => counted((desk) => desk.get(clientOrderId)),
      refresh: (clientOrderId) => counted((desk) => desk.refresh(clientOrderId)),
      list: (filter) => counted((desk) => desk.list(filter)),
      queued: () => counted((desk) => desk.queued()),
    };
  }

  #market(): MarketReads {
    const ask = <Value>(run: (market: MarketReads) => Promise<Value>): Promise<Value> =>
      this.#options.limits.call(async () => {
        this.#assertOpen();
        return run(this.#routing.market);
      });
    return {
      quotes: (instruments, detail) => ask((market) => market.quotes(instruments, detail)),
      candles: (request) => ask((market) => market.candles(request)),
    };
  }

  #accounts(): AccountReads {
    const ask = <Value>(run: (accounts: AccountReads) => Promise<Value>): Promise<Value> =>
      this.#options.limits.call(async () => {
        this.#assertOpen();
        return run(this.#routing.accounts);
      });
    return {
      orders: (ref) => ask((accounts) => accounts.orders(ref)),
      trades: (ref) => ask((accounts) => accounts.trades(ref)),
      positions: (ref) => ask((accounts) => accounts.positions(ref)),
      holdings: (ref) => ask((accounts) => accounts.holdings(ref)),
      funds: (ref) => ask((accounts) => accounts.funds(ref)),
    };
  }

  #assertOpen(): void {
    this.#assertNotClosed();
    this.#life.assertServing();
  }

  #assertNotClosed(): void {
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
