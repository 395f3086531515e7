import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { BrokerDefinition, MaintenanceWindow } from '../contract/broker-definition.js';
import type { BrokerCall } from '../contract/call.js';
import type { Lane } from '../contract/http.js';
import type { BrokerSession } from '../contract/session.js';
import type { AccountKey } from '../contract/store.js';
import type { InstrumentId, Listing } from '../domain/instrument.js';
import { marketPhase } from '../domain/market-hours.js';
import { AlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { InstrumentBook } from '../instruments/instrument-book.js';
import type { InstrumentBooks, MasterSource } from '../instruments/instrument-books.js';
import type { BreakerState } from '../resilience/circuit-breaker.js';
import { createSingleFlight } from '../resilience/single-flight.js';
import type { HttpClient } from '../transport/http-client.js';
import { AccountCalls } from './account-calls.js';
import type { CallRunner } from './call-runner.js';
import type { SessionEvent } from './call-telling.js';
import type { ConnectionOwnership } from './connection-ownership.js';
import { BookAccess } from './connection-instruments.js';
import type { ConnectionInstruments } from './connection-instruments.js';
import { connectionSeverity } from './connection-severity.js';
import type { ConnectionSeverity } from './connection-severity.js';
import { isOutage } from './connection-state.js';
import type { ConnectionState } from './connection-state.js';
import { diagnosedConnection } from './diagnosis-connection.js';
import type { DiagnosedConnection } from './diagnosis-facts.js';
import type { EgressReport } from './egress-check.js';
import { takeConnectSteps } from './establishment.js';
import { ConnectionUpkeep } from './connection-upkeep.js';
import type { ConnectionUpkeepOptions } from './connection-upkeep.js';
import type { BrokerConnection } from './broker-connection.js';
import type { HealthPoint } from './health-history.js';
import type { BrokerHealthMetrics, CallTrouble, HealthMonitor } from './health-monitor.js';
import type { SessionKeeper } from './session-keeper.js';
import type { Takeover } from './takeovers.js';

export interface ConnectionOptions extends ConnectionUpkeepOptions {
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
  /** Set by the host in place of the broker's own. */
  readonly maintenance?: readonly MaintenanceWindow[] | undefined;
}

/** How a connection is established. */
export interface EstablishOptions {
  /** Tries again by itself also when this first try fails. @default false */
  readonly keepTrying?: boolean;
}

/** Who wants it established: a person lifts what stops log-ins by themselves. */
type EstablishedBy = 'person' | 'itself';

const CONNECT_LIMIT_MS = 10_000;
const MASTER_DEADLINE_MS = 120_000;

export class Connection extends AccountCalls implements BrokerConnection {
  readonly key: AccountKey;
  readonly #options: ConnectionOptions;
  readonly #instruments: BookAccess;
  readonly #establishing = createSingleFlight<void>();
  readonly #upkeep: ConnectionUpkeep;
  /** Brings the journal up to date; handed over by who established it first. */
  #readOrders: () => Promise<void> = async () => undefined;
  /** Runs that establish it come one after the other: one that a log-out ended is still on its way out. */
  #lastRun: Promise<void> = Promise.resolve();
  #logOuts = 0;
  #closed = false;

  constructor(options: ConnectionOptions) {
    super(options);
    this.#options = options;
    this.key = options.key;
    this.#upkeep = new ConnectionUpkeep(options, {
      maintenance: options.maintenance ?? options.definition.maintenance ?? [],
      establish: () => this.#establish('itself'),
      read: (run) => this.read(run),
    });
    if (options.ownership !== null) options.keeper.standAside();
    const { books, clock } = options;
    const { broker, account } = options.key;
    const source: MasterSource = (load) =>
      this.runner.read('data', MASTER_DEADLINE_MS, async (call) => load(await this.adapter.instruments(call)));
    const isUp = (): boolean => this.#upkeep.isUp;
    this.#instruments = new BookAccess({
      broker,
      account,
      books,
      clock,
      source,
      isUp,
      onMissed: () => options.health.lookupFailed(),
    });
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
    return this.#upkeep.state;
  }

  get severity(): ConnectionSeverity {
    return connectionSeverity(this.state, marketPhase(this.capabilities.exchanges, this.#options.clock.now()));
  }

  /** What the broker says of the address that calls leave from; null until it was asked, or where it cannot be. */
  get egress(): EgressReport | null {
    return this.#upkeep.egress;
  }

  get book(): InstrumentBook {
    return this.#instruments.book;
  }

  get instruments(): ConnectionInstruments {
    return this.#instruments;
  }

  /**
   * Logs in, checks that the broker answers for the account that was meant and that its portfolio can be read, loads the
   * broker's instruments if nobody has today, and lets `readOrders` bring the journal up to date before any new order.
   * Within 10 s, a broker's very first master left out. One run however many ask. Once established, it is established
   * again by itself whenever it fails, until its owner logs out or only a person can mend it.
   */
  async establish(readOrders: () => Promise<void>, { keepTrying = false }: EstablishOptions = {}): Promise<void> {
    this.#readOrders = readOrders;
    if (keepTrying) this.#upkeep.want();
    if (this.#options.ownership === null) this.#options.keeper.tryAgain(); // also for a run that is under way
    await this.#establish('person');
  }

  #establish(by: EstablishedBy): Promise<void> {
    return this.#establishing.run(String(this.#logOuts), () => {
      this.#lastRun = this.#lastRun.catch(() => undefined).then(() => this.#run(by));
      return this.#lastRun;
    });
  }

  async #run(by: EstablishedBy): Promise<void> {
    if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
    if (!this.#upkeep.isUp) await this.#upkeep.establishing(() => this.#takeSteps(by), by === 'itself');
  }

  health(): BrokerHealthMetrics {
    return this.#options.health.metrics();
  }

  healthHistory(): readonly HealthPoint[] {
    return this.#options.health.history();
  }

  /**
   * What routing asks before a call: deadlines missed in 60 s, calls and failures in 5 minutes, and whether it is down —
   * not connected nor just renewing its session, or the breaker of the lane open or half-open. With no lane, that of the orders or the reads.
   */
  trouble(lane?: Lane): CallTrouble & { readonly down: boolean } {
    const lanes: readonly Lane[] = lane === undefined ? ['orders', 'reads'] : [lane];
    const down = !this.#upkeep.isServing || lanes.some((each) => this.runner.isShut(each));
    const { misses60s, calls5m, failures5m } = this.#options.health.trouble();
    return { misses60s, calls5m, failures5m, down };
  }

  /** Connected, or renewing its session, which calls wait for; and that lane takes calls. */
  isUsable(lane: Lane): boolean {
    return this.#upkeep.isServing && !this.runner.isShut(lane);
  }

  /** Connected, and one read may try what the breaker of that lane keeps shut. */
  mayTry(lane: Lane): boolean {
    return this.#upkeep.isServing && this.runner.mayTry(lane);
  }

  orderBreaker(): BreakerState {
    return this.runner.breakerState('orders');
  }

  breakers(): Readonly<Record<Lane, BreakerState>> {
    return this.runner.breakerStates();
  }

  openBreaker(lane: Lane, forMs: number | null): void {
    this.runner.openBreaker(lane, forMs);
  }

  closeBreaker(lane: Lane): void {
    this.runner.closeBreaker(lane);
  }

  async logOut(): Promise<boolean> {
    this.#logOuts += 1; // who asks from now on gets a run of its own
    const session = await this.#options.keeper.logOut(); // first here: no call may start with it while the broker is told
    this.#upkeep.loggedOut();
    if (session === null) return false;
    return this.runner.authenticate(session, (call) => this.adapter.logOut(call)).catch(() => false);
  }

  /** Opens sockets ahead of need, without asking the broker anything. */
  warm(): void {
    this.#options.http.warm();
  }

  /** @throws {AlgoError} `ALGO_UNKNOWN_INSTRUMENT`, `ALGO_NOT_CONNECTED` while no instruments were ever loaded */
  listing(instrument: InstrumentId): Listing {
    return this.#instruments.listing(instrument);
  }

  /** Lost in the middle of the day and had again, or not: the state follows. */
  sessionChanged(event: SessionEvent): void {
    this.#upkeep.sessionChanged(event);
  }

  /** No session could be had: told by its keeper, before whoever asked for one hears of it. */
  sessionFailed(thrown: unknown): void {
    this.#upkeep.sessionFailed(thrown);
  }

  /** A log-in or renewal; once it is closed none begins, and none goes on to its next call. */
  async authenticate<Value>(session: BrokerSession | null, run: (call: BrokerCall) => Promise<Value>): Promise<Value> {
    if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
    return this.runner.authenticate(session, run);
  }

  /** Another log-in ended the session. */
  takenOver(takeover: Takeover): void {
    this.#options.onNews({ kind: 'session-taken-over', ...takeover });
  }

  /** The breaker of a lane changed. A lane that a person shut says nothing about the broker. */
  breakerChanged(lane: Lane, state: BreakerState): void {
    if (state.kind !== 'open') return this.recovered();
    if ((lane !== 'reads' && lane !== 'orders') || state.manual === true) return;
    const { lastErrorCode: last } = this.health();
    this.outage(last !== null && isOutage(last) ? last : 'ALGO_CIRCUIT_OPEN');
  }

  /** It stopped answering while connected: tried again by itself. */
  outage(code: AlgoErrorCode): void {
    this.#upkeep.outage(code);
  }

  /** It may be answering again: who waits for the next try tries now. */
  recovered(): void {
    this.#upkeep.recovered();
  }

  /** @returns where the person's browser goes */
  beginLogin(): Promise<string> {
    return this.#options.keeper.beginLogin();
  }

  async completeLogin(returned: Readonly<Record<string, string>>): Promise<void> {
    await this.#options.ownership?.take();
    await this.#options.keeper.completeLogin(returned);
  }

  /** What a diagnosis looks at. */
  diagnosed(): DiagnosedConnection {
    const { keeper, http } = this.#options;
    return diagnosedConnection(this, keeper, http);
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
    this.#upkeep.close();
  }

  /** Another process took the account over: nothing more is sent with its session. */
  ownershipLost(): void {
    this.#options.keeper.standAside();
    const { broker, account } = this;
    if (!this.#closed) this.#upkeep.failed(new AlgoError('ALGO_CONNECTION_OWNED', { broker, account }));
  }

  #takeSteps(by: EstablishedBy): Promise<void> {
    const { keeper, clock } = this.#options;
    const { broker, account } = this;
    const logOuts = this.#logOuts;
    return takeConnectSteps({
      who: { broker, account },
      clock,
      limitMs: CONNECT_LIMIT_MS,
      onStep: (step) => {
        if (this.#closed) throw new AlgoError('ALGO_CLOSED', { what: 'connection' });
        if (logOuts !== this.#logOuts) throw new AlgoError('ALGO_NOT_CONNECTED', { broker, account });
        this.#upkeep.step(step);
      },
      session: async () => {
        await this.#own(by);
        return keeper.ensure();
      },
      isVerified: (session) => keeper.isVerified(session),
      profile: () => this.profile(),
      block: (session) => keeper.block(session),
      positions: () => this.positions(),
      hasInstruments: () => this.book.provenance !== null,
      instruments: () => this.#instruments.ready(),
      orders: () => this.#readOrders(),
    });
  }

  /** Who does not have the account signs nothing for it, though the store would show the session. */
  async #own(by: EstablishedBy): Promise<void> {
    const { keeper, ownership } = this.#options;
    try {
      await ownership?.take();
    } catch (error) {
      keeper.standAside();
      throw error;
    }
    if (by === 'person') keeper.tryAgain();
  }
}
