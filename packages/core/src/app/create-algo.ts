import { resolveAlgoOptions } from '../config/algo-options.js';
import type { AlgoOptions, ResolvedAlgoOptions } from '../config/algo-options.js';
import { SessionCache } from '../connection/session-cache.js';
import type { CacheMetrics } from '../connection/session-cache.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { AccountKey, Store } from '../contract/store.js';
import type { StoreChange } from '../contract/store-change.js';
import { tradingDayOf } from '../domain/time.js';
import { AlgoError } from '../errors/algo-error.js';
import { InstrumentBooks } from '../instruments/instrument-books.js';
import { UNSETTLED } from '../orders/attempt.js';
import { OrderDesk } from '../orders/order-desk.js';
import { Setback } from '../orders/setback.js';
import { createTagMaker } from '../orders/tag.js';
import type { TagMaker } from '../orders/tag.js';
import { createEmitter } from '../runtime/emitter.js';
import type { Emitter } from '../runtime/emitter.js';
import { errorName } from '../runtime/error-name.js';
import { createRedactor, redactingLogger } from '../runtime/redactor.js';
import type { Redactor } from '../runtime/redactor.js';
import { createTicker } from '../runtime/ticker.js';
import type { Ticker } from '../runtime/ticker.js';
import { SendObserver } from '../transport/send-observer.js';
import { CredentialVault } from '../vault/credential-vault.js';
import { rotateSealed } from '../vault/rotate-sealed.js';
import type { RotateKeysOptions, RotationReport } from '../vault/rotate-sealed.js';
import { buildLine } from './build-line.js';
import type { LineParts } from './build-line.js';
import { checkName } from './check-name.js';
import { ConfigurationCache } from './configuration-cache.js';
import { UserManager } from './connection-manager.js';
import type { ConnectionManager, Line, ManagerEvents } from './connection-manager.js';
import { openStore } from './open-store.js';
import type { OpenStore } from './open-store.js';
import { buildUserDesks } from './user-desks.js';
import type { UserDesks } from './user-desks.js';

/** The SDK in a host's process. Holds no state outside itself: two of them share nothing. */
export interface Algo {
  /** One user's manager, the same one each time. */
  user(userId: string): ConnectionManager;
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
  readonly #redactor: Redactor = createRedactor();
  readonly #ticker: Ticker;
  readonly #observer = new SendObserver();
  readonly #vault: CredentialVault;
  readonly #books: InstrumentBooks;
  readonly #newTag: TagMaker;
  readonly #sessions: SessionCache;
  readonly #configurations: ConfigurationCache;
  readonly #users = new Map<string, User>();
  #opening: Promise<OpenStore> | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: ResolvedAlgoOptions) {
    const logger = redactingLogger(options.logger, this.#redactor);
    this.#options = { ...options, logger };
    this.#ticker = createTicker(options.clock);
    this.#vault = new CredentialVault(options.keys);
    this.#books = new InstrumentBooks({ clock: options.clock, logger });
    this.#newTag = createTagMaker(options.clock, options.random);
    const { sessions, configuration, ttlMs } = options.cache;
    const monotonic = (): number => options.clock.monotonic();
    this.#sessions = new SessionCache({ max: sessions, ttlMs, monotonic });
    const store = async () => (await this.#store()).configuration;
    this.#configurations = new ConfigurationCache({ max: configuration, ttlMs, monotonic, store });
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

  async rotateKeys(options: RotateKeysOptions = {}): Promise<RotationReport> {
    const { sealed } = await this.#store();
    const report = await rotateSealed({ ...options, records: sealed, vault: this.#vault });
    const { rewrapped, changedMeanwhile, undecryptable } = report;
    this.#options.logger.info('keys-rotated', { rewrapped, changedMeanwhile, undecryptable: undecryptable.length });
    return report;
  }

  cacheMetrics(): { readonly sessions: CacheMetrics; readonly configuration: CacheMetrics } {
    return { sessions: this.#sessions.metrics(), configuration: this.#configurations.metrics() };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#books.close();
    await Promise.all([...this.#users.values()].map(({ manager }) => manager.close()));
    const opened = await this.#opening?.catch(() => null); // one that failed to open has told its caller
    await opened?.close();
    this.#sessions.clear();
    this.#vault.close();
    this.#ticker.close();
    this.#observer.close();
  }

  #newUser(userId: string): User {
    const { clock, logger } = this.#options;
    const events = createEmitter<ManagerEvents>((name, error) => {
      logger.error('listener-failed', { event: name, error: errorName(error) });
    });
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
      setback: new Setback({ clock, logger, emit: (...pair) => events.emit(...pair) }),
      connect: ({ broker, account }) => this.#connect({ userId, broker, account }, desks, events, orders),
      desk: async () => {
        const { store, writer } = await this.#opened();
        desk = new OrderDesk({
          userId,
          owner: store.owner,
          journal: store.journal,
          writer,
          clock,
          newTag: this.#newTag,
          emit: (...pair) => events.emit(...pair),
          roadFor: (wanted) => manager.lineFor(wanted),
          roadOf: (ref) => manager.lineOf(ref),
          roads: () => manager.lines,
          isOff: (broker) => desks.off.has(broker),
          logger,
        });
        return desk;
      },
    });
    return { manager, desks };
  }

  #desks(userId: string, manager: () => UserManager): UserDesks {
    const { brokers, clock, environment, logger } = this.#options;
    return buildUserDesks({
      userId,
      brokers,
      clock,
      environment,
      logger,
      vault: this.#vault,
      configurations: this.#configurations,
      store: () => this.#store(),
      definitionOf: (broker) => this.#definitionOf(broker),
      unsettledOrders: (key) => this.#unsettledOrders(key),
      onCredentials: (key) => this.#dropSession(manager(), key),
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
    const { store, writer, claims, turns } = await this.#opened();
    const { clock, random, logger, lanes, localAddress } = this.#options;
    return buildLine(key, definition, {
      clock,
      random,
      logger,
      lanes,
      localAddress,
      store,
      writer,
      claims,
      turns,
      ticker: this.#ticker,
      observer: this.#observer,
      redactor: this.#redactor,
      vault: this.#vault,
      source: desks.source,
      cache: this.#sessions,
      books: this.#books,
      events,
      ...orders,
    });
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
        return this.#users.get(change.userId)?.desks.off.readAgain();
      case 'everything':
        return this.#forgetAll();
      case 'journal-went-back':
        for (const { manager } of this.#users.values()) void manager.journalWentBack();
    }
  }

  #forgetAll(): void {
    this.#configurations.clear();
    for (const { manager, desks } of this.#users.values()) {
      desks.off.readAgain();
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
    const rows = await (await this.#store()).journal.inState(key, UNSETTLED);
    const today = tradingDayOf(this.#options.clock.now());
    return rows.filter(({ tradingDay }) => tradingDay === today).length;
  }

  async #dropSession(manager: UserManager, key: AccountKey): Promise<void> {
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
