import { resolveAlgoOptions } from '../config/algo-options.js';
import type { AlgoOptions, ResolvedAlgoOptions } from '../config/algo-options.js';
import type { Connection } from '../connection/connection.js';
import type { CacheMetrics } from '../connection/session-cache.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { AccountKey, Store } from '../contract/store.js';
import type { StoreChange } from '../contract/store-change.js';
import { tradingDayOf } from '../domain/time.js';
import { AlgoError } from '../errors/algo-error.js';
import { UNSETTLED } from '../orders/attempt.js';
import { OrderDesk } from '../orders/order-desk.js';
import { expiryOf } from '../orders/queued-row.js';
import { Setback } from '../orders/setback.js';
import { createEmitter } from '../runtime/emitter.js';
import type { Emitter } from '../runtime/emitter.js';
import { errorName } from '../runtime/error-name.js';
import { createRedactor, redactingLogger } from '../runtime/redactor.js';
import { rotateSealed } from '../vault/rotate-sealed.js';
import type { RotateKeysOptions, RotationReport } from '../vault/rotate-sealed.js';
import { buildLine } from './build-line.js';
import type { LineParts } from './build-line.js';
import { checkName } from './check-name.js';
import { ConnectionLimits } from './connection-limits.js';
import { ConfigurationCache } from './configuration-cache.js';
import type { ConnectionManager } from './connection-manager.js';
import type { Line } from './line.js';
import type { ManagerEvents } from './manager-events.js';
import { egressOf } from './egress-presence.js';
import { openStore } from './open-store.js';
import type { OpenStore } from './open-store.js';
import { SharedParts } from './shared-parts.js';
import { createSupportDesk } from './support-desk.js';
import type { SupportDesk } from './support-desk.js';
import { buildUserDesks } from './user-desks.js';
import type { UserDesks } from './user-desks.js';
import { tellDiagnostics } from './tell-diagnostics.js';
import { buildUserRouting } from './user-routing.js';
import { UserManager } from './user-manager.js';
import { UserLife } from './user-life.js';
import type { StartReport } from './user-life.js';
import { StartTurns } from './user-life-turns.js';

/** The SDK in a host's process. Holds no state outside itself: two of them share nothing. */
export interface Algo {
  /** One user's manager, the same one each time. */
  user(userId: string): ConnectionManager;
  /**
   * Starts many users, so many log-ins at a time that neither the brokers nor this machine are overrun. A user that fails
   * holds up nobody.
   *
   * @returns in the order given
   * @throws {AlgoError} `ALGO_INVALID_INPUT`, `ALGO_CLOSED`, `ALGO_STORE_FAILED`
   */
  startUsers(userIds: readonly string[]): Promise<readonly StartReport[]>;
  /** What each broker handed over can do, by id. */
  readonly brokers: readonly BrokerDefinition[];
  /**
   * Puts everything sealed, of every user, under the current key, while all goes on. Ended or killed, run it again; the
   * old key can go when the report names nothing left.
   *
   * @throws {AlgoError} `ALGO_KEY_UNUSABLE`, `ALGO_STORE_FAILED`
   */
  rotateKeys(options?: RotateKeysOptions): Promise<RotationReport>;
  /** How often sessions and configuration were in memory when they were asked for. */
  cacheMetrics(): { readonly sessions: CacheMetrics; readonly configuration: CacheMetrics };
  /** Ends every connection, writes what is waiting, lets go of the store. Orders under way end as they stand. */
  close(): Promise<void>;
}

/**
 * Puts the SDK together. Nothing is opened and nobody is called until a user's manager is used.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT`
 */
export function createAlgo(options: AlgoOptions): Algo {
  return new AlgoRoot(resolveAlgoOptions(options));
}

/** The composition root: the only place that constructs across layers. */
class AlgoRoot implements Algo {
  readonly #options: ResolvedAlgoOptions;
  readonly #shared: SharedParts;
  readonly #configurations: ConfigurationCache;
  readonly #users = new Map<string, User>();
  readonly #startTurns = new StartTurns();
  #opening: Promise<OpenStore> | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: ResolvedAlgoOptions) {
    const redactor = createRedactor();
    const logger = redactingLogger(options.logger, redactor);
    this.#options = { ...options, logger };
    this.#shared = new SharedParts({
      options: this.#options,
      logger,
      redactor,
      connected: () => this.#connected(),
      onSharedEgress: (shared) => this.#users.get(shared.userId)?.manager.egressShared(shared),
    });
    const { configuration: max, ttlMs } = options.cache;
    const monotonic = (): number => options.clock.monotonic();
    const store = async () => (await this.#store()).configuration;
    this.#configurations = new ConfigurationCache({ max, ttlMs, monotonic, store });
  }

  get brokers(): readonly BrokerDefinition[] {
    return [...this.#options.brokers.values()];
  }

  user(userId: string): ConnectionManager {
    if (this.#closing !== null) throw new AlgoError('ALGO_CLOSED', { what: 'manager' });
    checkName('userId', userId);
    let user = this.#users.get(userId);
    if (user === undefined) this.#users.set(userId, (user = this.#newUser(userId)));
    return user.manager;
  }

  async startUsers(userIds: readonly string[]): Promise<readonly StartReport[]> {
    const managers = userIds.map((userId) => this.user(userId));
    return Promise.all(managers.map((manager) => manager.start()));
  }

  async rotateKeys(options: RotateKeysOptions = {}): Promise<RotationReport> {
    const { sealed } = await this.#store();
    const report = await rotateSealed({ ...options, records: sealed, vault: this.#shared.vault });
    const { rewrapped, changedMeanwhile, undecryptable } = report;
    this.#options.logger.info('keys-rotated', { rewrapped, changedMeanwhile, undecryptable: undecryptable.length });
    return report;
  }

  cacheMetrics(): { readonly sessions: CacheMetrics; readonly configuration: CacheMetrics } {
    return { sessions: this.#shared.sessions.metrics(), configuration: this.#configurations.metrics() };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#shared.books.close();
    await Promise.all([...this.#users.values()].map(({ manager }) => manager.close()));
    this.#shared.stopSending();
    const opened = await this.#opening?.catch(() => null); // one that failed to open has told its caller
    await opened?.close();
    this.#shared.close();
  }

  #connected(): readonly Connection[] {
    const all = [...this.#users.values()].flatMap(({ manager }) => manager.lines);
    return all.flatMap(({ connection }) => (connection.state.status === 'connected' ? [connection] : []));
  }

  #newUser(userId: string): User {
    const { clock, random, logger, limits } = this.#options;
    const { recoveryWatch, diagnostics, newTag } = this.#shared;
    const events = createEmitter<ManagerEvents>((name, error) => {
      logger.error('listener-failed', { event: name, error: errorName(error) });
    });
    tellDiagnostics(userId, events, diagnostics);
    let desk: OrderDesk | null = null;
    const orders: ToTheDesk = {
      saw: async (key, order) => desk?.saw(key, order),
      resume: (row) => desk?.resume(row),
    };
    const desks: UserDesks = this.#desks(userId, () => manager);
    const manager: UserManager = new UserManager({
      userId,
      events,
      desks,
      setback: () => new Setback({ clock, logger, emit: (...pair) => events.emit(...pair) }),
      limits: new ConnectionLimits(limits),
      support: this.#support(userId, desks, () => manager),
      routing: () =>
        buildUserRouting({
          clock,
          random,
          watch: recoveryWatch,
          emit: (...pair) => events.emit(...pair),
          preferred: () => desks.preferred.known,
          lines: () => manager.lines,
          lineOf: (ref) => manager.lineOf(ref),
        }),
      life: (parts) =>
        new UserLife({
          ...parts,
          userId,
          clock,
          logger,
          turns: this.#startTurns,
          accounts: async () => (await this.#store()).credentials.list(userId),
        }),
      connect: ({ broker, account }) => this.#connect({ userId, broker, account }, desks, events, orders),
      desk: async (routing) => {
        const { store, writer } = await this.#opened();
        desk = new OrderDesk({
          userId,
          owner: store.owner,
          journal: store.journal,
          writer,
          clock,
          newTag,
          emit: (...pair) => events.emit(...pair),
          roadFor: routing.roadFor,
          roadOf: (ref) => manager.lineOf(ref),
          roads: () => manager.lines,
          isOff: (broker) => desks.off.has(broker),
          routing: routing.orders,
          queueLimit: limits.queuedPerUser,
          fraction: () => random.fraction(),
          logger,
        });
        return desk;
      },
    });
    return { manager, desks };
  }

  #support(userId: string, desks: UserDesks, manager: () => UserManager): SupportDesk {
    const untold = createEmitter<ManagerEvents>(() => undefined); // a test's own line hears of no orders
    const orders: ToTheDesk = { saw: async () => undefined, resume: () => undefined };
    return createSupportDesk({
      userId,
      clock: this.#options.clock,
      definitionOf: (broker) => this.#definitionOf(broker),
      credentials: desks.credentials,
      source: desks.source,
      store: () => this.#store(),
      connections: () => manager().lines.map(({ connection }) => connection),
      egressOf: (key) => egressOf(key, this.#options),
      parts: () => this.#parts(desks, untold, orders),
    });
  }

  #desks(userId: string, manager: () => UserManager): UserDesks {
    const { brokers, clock, environment, logger } = this.#options;
    return buildUserDesks({
      userId,
      brokers,
      clock,
      environment,
      logger,
      vault: this.#shared.vault,
      configurations: this.#configurations,
      store: () => this.#store(),
      definitionOf: (broker) => this.#definitionOf(broker),
      unsettledOrders: (key) => this.#unsettledOrders(key),
      onCredentials: (key) => this.#dropSession(manager(), key),
      onStrategy: () => manager().strategyRead(),
      connections: () => manager().getConnectionStatus(),
      endConnections: (broker) => manager().endConnections(broker),
      onDeleted: (broker) => {
        for (const { connection } of manager().lines) {
          if (connection.broker === broker) connection.credentialsChangedElsewhere();
        }
      },
    });
  }

  async #connect(key: AccountKey, desks: UserDesks, events: Emitter<ManagerEvents>, orders: ToTheDesk): Promise<Line> {
    const definition = this.#definitionOf(key.broker);
    return buildLine(key, definition, await this.#parts(desks, events, orders));
  }

  async #parts(desks: UserDesks, events: Emitter<ManagerEvents>, orders: ToTheDesk): Promise<LineParts> {
    const { store, writer, claims, turns } = await this.#opened();
    const shared = this.#shared;
    return {
      options: this.#options,
      logger: this.#options.logger,
      redactor: shared.redactor,
      cache: shared.sessions,
      rates: shared.rates(store),
      source: desks.source,
      shared,
      store,
      writer,
      claims,
      turns,
      events,
      ...orders,
    };
  }

  #definitionOf(broker: string): BrokerDefinition {
    const definition = this.#options.brokers.get(broker);
    if (definition !== undefined) return definition;
    const known = [...this.#options.brokers.keys()];
    throw new AlgoError('ALGO_UNKNOWN_BROKER', { broker: String(broker).slice(0, 60), known });
  }

  async #store(): Promise<Store> {
    return (await this.#opened()).store;
  }

  /** Opened once, on first use; a failure is told to whoever asked, and the next one tries again. */
  #opened(): Promise<OpenStore> {
    if (this.#closing !== null) return Promise.reject(new AlgoError('ALGO_CLOSED', { what: 'manager' }));
    const { store: definition, clock, logger } = this.#options;
    this.#opening ??= openStore({
      definition,
      clock,
      logger,
      onChange: (change) => this.#storeChanged(change),
      onSweep: () => this.#sweep(),
    }).catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** Another process changed something, or the store cannot tell what changed: what is kept in memory is read again. */
  #storeChanged(change: Exclude<StoreChange, { kind: 'lease' }>): void {
    switch (change.kind) {
      case 'session':
        return this.#users.get(change.key.userId)?.manager.lineOf(change.key)?.connection.sessionChangedElsewhere();
      case 'credentials':
        return this.#users.get(change.key.userId)?.manager.lineOf(change.key)?.connection.credentialsChangedElsewhere();
      case 'configuration':
        this.#configurations.forget(change.userId, change.name);
        return this.#readAgain(change.userId);
      case 'everything':
        return this.#forgetAll();
      case 'journal-went-back':
        for (const { manager } of this.#users.values()) void manager.journalWentBack();
    }
  }

  #readAgain(userId: string): void {
    const desks = this.#users.get(userId)?.desks;
    desks?.off.readAgain();
    desks?.preferred.readAgain();
    desks?.failover.readAgain();
  }

  #forgetAll(): void {
    this.#configurations.clear();
    for (const { manager, desks } of this.#users.values()) {
      desks.off.readAgain();
      desks.preferred.readAgain();
      desks.failover.readAgain();
      for (const { connection } of manager.lines) connection.sessionChangedElsewhere();
    }
  }

  async #sweep(): Promise<void> {
    for (const { manager } of this.#users.values()) {
      await manager.adoptOrders().catch((error: unknown) => {
        this.#options.logger.warn('orders-not-adopted', { error: errorName(error) });
      });
    }
  }

  async #unsettledOrders(key: AccountKey): Promise<number> {
    const rows = await (await this.#store()).journal.inState(key, ['INTENT', ...UNSETTLED]);
    const nowMs = this.#options.clock.now();
    const today = tradingDayOf(nowMs);
    // One that waits would go out in the name of whoever the account is by then.
    const isOpen = (row: AttemptRow): boolean => row.state !== 'INTENT' || (expiryOf(row) ?? 0) > nowMs;
    return rows.filter((row) => row.tradingDay === today && isOpen(row)).length;
  }

  async #dropSession(manager: UserManager, key: AccountKey): Promise<void> {
    manager.forgetReads(key);
    const line = manager.lineOf(key);
    if (line === null) await (await this.#store()).sessions.delete(key);
    else await line.connection.credentialsChanged();
  }
}

/** What a connection hands to its user's order desk. */
type ToTheDesk = Pick<LineParts, 'saw' | 'resume'>;

interface User {
  readonly manager: UserManager;
  readonly desks: UserDesks;
}
