import type {
  BrokerAdapter,
  MarginRequest,
  OrderBookReading,
  RawReply,
  RawRequest,
} from '../contract/broker-adapter.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { BrokerCall } from '../contract/call.js';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { AccountKey } from '../contract/store.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import type { Candle, CandleRequest, Quote, QuoteDetail } from '../domain/market-data.js';
import type { BrokerOrder, ConnectionRef } from '../domain/order.js';
import type { AccountProfile, Funds, Holding, Margin, Position, Trade } from '../domain/portfolio.js';
import { AlgoError } from '../errors/algo-error.js';
import type { InstrumentBook } from '../instruments/instrument-book.js';
import type { InstrumentBooks, MasterSource } from '../instruments/instrument-books.js';
import type { BreakerState } from '../resilience/circuit-breaker.js';
import { SharedRead } from '../resilience/shared-read.js';
import { createSingleFlight } from '../resilience/single-flight.js';
import type { Clock } from '../runtime/clock.js';
import type { HttpClient } from '../transport/http-client.js';
import type { CallRunner, SessionEvent } from './call-runner.js';
import type { ConnectionOwnership } from './connection-ownership.js';
import { BookAccess } from './connection-instruments.js';
import type { ConnectionInstruments } from './connection-instruments.js';
import { checkConnection } from './connection-check.js';
import type { ConnectionCheck } from './connection-check.js';
import { advanceConnection } from './connection-state.js';
import type { ConnectionEvent, ConnectionState } from './connection-state.js';
import type { BrokerHealthMetrics, HealthMonitor } from './health-monitor.js';
import type { SessionKeeper } from './session-keeper.js';

/** One account at one broker, as a host uses it. Every read is bounded by a deadline of 10 s and throws an `AlgoError`. */
export interface BrokerConnection extends ConnectionRef {
  readonly userId: string;
  readonly state: ConnectionState;
  readonly capabilities: BrokerCapabilities;
  readonly instruments: ConnectionInstruments;
  health(): BrokerHealthMetrics;
  /** State of the breaker in front of the order lane. */
  orderBreaker(): BreakerState;
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

export interface ConnectionOptions {
  readonly key: AccountKey;
  readonly definition: BrokerDefinition;
  readonly adapter: BrokerAdapter;
  readonly runner: CallRunner;
  readonly keeper: SessionKeeper;
  /** Null where processes share the session. */
  readonly ownership: ConnectionOwnership | null;
  readonly http: HttpClient;
  readonly health: HealthMonitor;
  readonly books: InstrumentBooks;
  readonly clock: Clock;
  readonly onChange: (state: ConnectionState, previous: ConnectionState) => void;
}

const READ_DEADLINE_MS = 10_000;
const MASTER_DEADLINE_MS = 120_000;

export class Connection implements BrokerConnection {
  readonly key: AccountKey;
  readonly adapter: BrokerAdapter;
  readonly runner: CallRunner;
  readonly #options: ConnectionOptions;
  readonly #instruments: BookAccess;
  readonly #establishing = createSingleFlight<void>();
  readonly #orderBook = new SharedRead(() => this.#read((call) => this.adapter.orderBook(call)));
  #state: ConnectionState;
  #establishingNow = false;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.key = options.key;
    this.adapter = options.adapter;
    this.runner = options.runner;
    this.#state = { status: 'disconnected', sinceMs: options.clock.now() };
    if (options.ownership !== null) options.keeper.standAside();
    const { books, clock } = options;
    const { broker, account } = options.key;
    const source: MasterSource = (load) =>
      this.runner.read('data', MASTER_DEADLINE_MS, async (call) => load(await this.adapter.instruments(call)));
    const isUp = (): boolean => this.#state.status === 'connected';
    this.#instruments = new BookAccess({ broker, account, books, clock, source, isUp });
  }

  get userId(): string {
    return this.key.userId;
  }

  get broker(): string {
    return this.key.broker;
  }

  get account(): string {
    return this.key.account;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get capabilities(): BrokerCapabilities {
    return this.#options.definition.capabilities;
  }

  get #readDeadlineMs(): number {
    return this.#options.definition.reads?.timeoutMs ?? READ_DEADLINE_MS;
  }

  get usesOwnClient(): boolean {
    return this.#options.definition.usesOwnClient === true;
  }

  get book(): InstrumentBook {
    return this.#instruments.book;
  }

  get instruments(): ConnectionInstruments {
    return this.#instruments;
  }

  /**
   * Logs in, checks that the broker answers for the account that was meant, loads the broker's instruments if nobody
   * has today, and lets `readOrders` bring the journal up to date before any new order. One run however many ask.
   */
  establish(readOrders: () => Promise<void>): Promise<void> {
    return this.#establishing.run('', async () => {
      if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
      if (this.#state.status === 'connected') return this.#options.keeper.tryAgain();
      this.#establishingNow = true;
      try {
        await this.#takeSteps(readOrders);
        if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
        this.advance({ kind: 'established' });
      } catch (thrown) {
        const error = this.runner.failureOf(thrown);
        if (!this.#closed) this.advance({ kind: 'failed', code: error.code });
        throw error;
      } finally {
        this.#establishingNow = false;
      }
    });
  }

  advance(event: ConnectionEvent): void {
    const previous = this.#state;
    this.#state = advanceConnection(previous, event, this.#options.clock.now());
    if (this.#state !== previous) this.#options.onChange(this.#state, previous);
  }

  health(): BrokerHealthMetrics {
    return this.#options.health.metrics(this.#options.clock.now());
  }

  orderBreaker(): BreakerState {
    return this.runner.breakerState('orders');
  }

  profile(): Promise<AccountProfile> {
    return this.#read((call) => this.adapter.profile(call));
  }

  async orders(): Promise<readonly BrokerOrder[]> {
    return (await this.orderBook()).orders;
  }

  /** One reading for everybody who asks at the same time: some brokers allow one a second. */
  orderBook(): Promise<OrderBookReading> {
    return this.#orderBook.ask();
  }

  order(brokerOrderId: string): Promise<BrokerOrder | null> {
    return this.#read((call) => this.adapter.order(brokerOrderId, call));
  }

  trades(brokerOrderId?: string): Promise<readonly Trade[]> {
    return this.#read((call) =>
      brokerOrderId === undefined ? this.adapter.trades(call) : this.adapter.tradesOf(brokerOrderId, call),
    );
  }

  positions(): Promise<readonly Position[]> {
    return this.#read((call) => this.adapter.positions(call));
  }

  holdings(): Promise<readonly Holding[]> {
    return this.#read((call) => this.adapter.holdings(call));
  }

  funds(): Promise<Funds> {
    return this.#read((call) => this.adapter.funds(call));
  }

  /** @throws {AlgoError} `ALGO_NOT_SUPPORTED` where the broker does not say */
  async margin(order: MarginRequest): Promise<Margin> {
    if (!this.capabilities.margin) throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: this.broker, what: 'margins' });
    return this.#read((call) => this.adapter.margin(order, call));
  }

  check(): Promise<ConnectionCheck> {
    const reads = {
      profile: () => this.profile(),
      orders: () => this.orders(),
      positions: () => this.positions(),
      holdings: () => this.holdings(),
      funds: () => this.funds(),
    };
    return checkConnection(reads, this.#options.clock);
  }

  async logOut(): Promise<boolean> {
    const session = await this.#options.keeper.logOut(); // first here: no call may start with it while the broker is told
    this.advance({ kind: 'closed' });
    if (session === null) return false;
    return this.runner.authenticate(session, (call) => this.adapter.logOut(call)).catch(() => false);
  }

  async quotes(instruments: readonly InstrumentId[], detail: QuoteDetail = 'ltp'): Promise<readonly Quote[]> {
    const listings = instruments.map((instrument) => this.listing(instrument));
    if (listings.length === 0) return [];
    return this.#data((call) => this.adapter.quotes(listings, detail, call));
  }

  async candles(request: CandleRequest): Promise<readonly Candle[]> {
    const listing = this.listing(request.instrument);
    if (!this.capabilities.candleIntervals.includes(request.interval)) {
      throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: this.broker, what: `candles of ${request.interval}` });
    }
    if (!(request.fromMs < request.toMs)) {
      throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'fromMs', problem: 'must be before toMs' }] });
    }
    return this.#data((call) => this.adapter.candles(listing, request, call));
  }

  async raw(request: RawRequest): Promise<RawReply> {
    if (request.purpose === 'read') return this.#read((call) => this.adapter.raw(request, call));
    const deadline = this.runner.deadline(READ_DEADLINE_MS);
    const call = await this.runner.beginCommand('entry', deadline);
    try {
      const reply = await this.runner.inTime(this.adapter.raw(request, call), deadline);
      this.runner.finishCommand(call, 'success', null);
      return reply;
    } catch (thrown) {
      const error = this.runner.failureOf(thrown);
      if (this.usesOwnClient) call.record.loseSight();
      const nothingAsked = call.record.asked === 0 && !this.usesOwnClient;
      const nothingSent = nothingAsked ? error.effect === 'none' : call.record.provesNotSent();
      this.runner.finishCommand(call, nothingSent ? null : 'unknown', error.code);
      throw error.withEffect(nothingSent ? 'none' : 'unknown');
    } finally {
      deadline.done();
    }
  }

  /** @throws {AlgoError} `ALGO_UNKNOWN_INSTRUMENT`, `ALGO_NOT_CONNECTED` while no instruments were ever loaded */
  listing(instrument: InstrumentId): Listing {
    return this.#instruments.listing(instrument);
  }

  /** Lost in the middle of the day and had again, or not: the state follows. */
  sessionChanged(event: SessionEvent): void {
    if (this.#closed || (this.#state.status !== 'connected' && event.kind === 'lost')) return;
    switch (event.kind) {
      case 'lost':
        return this.advance({ kind: 'step', step: 'session' });
      case 'renewed':
        return this.#establishingNow ? undefined : this.advance({ kind: 'established' });
      case 'not-renewed':
        return this.advance({ kind: 'failed', code: event.code });
    }
  }

  /** @returns where the person's browser goes */
  beginLogin(): Promise<string> {
    return this.#options.keeper.beginLogin();
  }

  async completeLogin(returned: Readonly<Record<string, string>>): Promise<void> {
    await this.#options.ownership?.take();
    await this.#options.keeper.completeLogin(returned);
  }

  /** New credentials are used from the next call on; the session made with the old ones is over. */
  credentialsChanged(): Promise<void> {
    return this.#options.keeper.forget();
  }

  /** Another process changed them: the next log-in uses them. */
  credentialsChangedElsewhere(): void {
    this.#options.keeper.credentialsChangedElsewhere();
  }

  /** Another process made, renewed or dropped the session: the next call reads it again. */
  sessionChangedElsewhere(): void {
    this.#options.keeper.sessionChangedElsewhere();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#instruments.close();
    await this.#options.http.close();
    await this.#options.ownership?.close();
    this.advance({ kind: 'closed' });
  }

  /** Another process took the account over: nothing more is sent with its session. */
  ownershipLost(): void {
    this.#options.keeper.standAside();
    if (!this.#closed) this.advance({ kind: 'failed', code: 'ALGO_CONNECTION_OWNED' });
  }

  async #takeSteps(readOrders: () => Promise<void>): Promise<void> {
    const { keeper } = this.#options;
    this.advance({ kind: 'step', step: 'session' });
    await this.#own();
    const session = await keeper.ensure();
    this.advance({ kind: 'step', step: 'profile' });
    if (!keeper.isVerified(session) && (await this.profile()).clientId !== session.clientId) {
      await keeper.block(session);
      throw new AlgoError('ALGO_WRONG_ACCOUNT', { broker: this.broker, account: this.account });
    }
    this.advance({ kind: 'step', step: 'instruments' });
    await this.#instruments.ready();
    this.advance({ kind: 'step', step: 'orders' });
    await readOrders();
  }

  /** Who does not have the account signs nothing for it, though the store would show the session. */
  async #own(): Promise<void> {
    const { keeper, ownership } = this.#options;
    try {
      await ownership?.take();
    } catch (error) {
      keeper.standAside();
      throw error;
    }
    keeper.tryAgain();
  }

  #read<Value>(run: (call: BrokerCall) => Promise<Value>): Promise<Value> {
    return this.runner.read('reads', this.#readDeadlineMs, run);
  }

  #data<Value>(run: (call: BrokerCall) => Promise<Value>): Promise<Value> {
    return this.runner.read('data', this.#readDeadlineMs, run);
  }
}
