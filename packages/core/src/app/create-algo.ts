import { resolveAlgoOptions } from '../config/algo-options.js';
import type { AlgoOptions, ResolvedAlgoOptions } from '../config/algo-options.js';
import { CredentialVault } from '../connection/credential-vault.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { AccountKey, Store } from '../contract/store.js';
import { tradingDayOf } from '../domain/time.js';
import { AlgoError } from '../errors/algo-error.js';
import { InstrumentBooks } from '../instruments/instrument-books.js';
import { UNSETTLED } from '../orders/attempt.js';
import { JournalWriter } from '../orders/journal-writer.js';
import { OrderClaims } from '../orders/order-claims.js';
import { OrderDesk } from '../orders/order-desk.js';
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
import { buildLine } from './build-line.js';
import type { SightingOf } from './build-line.js';
import { UserManager } from './connection-manager.js';
import type { ConnectionManager, Line, ManagerEvents } from './connection-manager.js';
import { checkName, createCredentialDesk } from './credentials.js';

/** The SDK in a host's process. Holds no state outside itself: two of them share nothing. */
export interface Algo {
  /** One user's manager, the same one each time. */
  user(userId: string): ConnectionManager;
  /** What each broker handed over can do, by id. */
  readonly brokers: readonly BrokerDefinition[];
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

/** What writes to the journal, one for all users: its writes keep their order. */
interface JournalParts {
  readonly writer: JournalWriter;
  readonly claims: OrderClaims;
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
  readonly #users = new Map<string, UserManager>();
  #opening: Promise<Store> | null = null;
  #journal: JournalParts | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: ResolvedAlgoOptions) {
    const logger = redactingLogger(options.logger, this.#redactor);
    this.#options = { ...options, logger };
    this.#ticker = createTicker(options.clock);
    this.#vault = new CredentialVault(options.keys);
    this.#books = new InstrumentBooks({ clock: options.clock, logger });
    this.#newTag = createTagMaker(options.clock, options.random);
  }

  get brokers(): readonly BrokerDefinition[] {
    return [...this.#options.brokers.values()];
  }

  user(userId: string): ConnectionManager {
    if (this.#closing !== null) throw new AlgoError('ALGO_CLOSED', { what: 'manager' });
    checkName('userId', userId);
    let manager = this.#users.get(userId);
    if (manager === undefined) this.#users.set(userId, (manager = this.#newUser(userId)));
    return manager;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#books.close();
    await Promise.all([...this.#users.values()].map((user) => user.close()));
    this.#journal?.claims.close();
    await this.#journal?.writer.close();
    const store = await this.#opening?.catch(() => null); // one that failed to open has told its caller
    await store?.close();
    this.#ticker.close();
    this.#observer.close();
  }

  #newUser(userId: string): UserManager {
    const { clock, logger } = this.#options;
    const events = createEmitter<ManagerEvents>((name, error) => {
      logger.error('listener-failed', { event: name, error: errorName(error) });
    });
    let desk: OrderDesk | null = null;
    const saw: SightingOf = async (key, order) => desk?.saw(key, order);
    const manager: UserManager = new UserManager({
      userId,
      events,
      credentials: createCredentialDesk({
        userId,
        vault: this.#vault,
        clock,
        definitionOf: (broker) => this.#definitionOf(broker),
        store: async () => (await this.#store()).credentials,
        unsettledOrders: (key) => this.#unsettledOrders(key),
        onChange: (key) => this.#dropSession(manager, key),
      }),
      connect: ({ broker, account }) => this.#connect({ userId, broker, account }, events, saw),
      desk: async () => {
        const { journal } = await this.#store();
        const { writer } = await this.#journalParts();
        desk = new OrderDesk({
          userId,
          journal,
          writer,
          clock,
          newTag: this.#newTag,
          emit: (...pair) => events.emit(...pair),
          roadFor: (wanted) => manager.lineFor(wanted),
          roadOf: (ref) => manager.lineOf(ref),
          roads: () => manager.lines,
          logger,
        });
        return desk;
      },
    });
    return manager;
  }

  async #connect(key: AccountKey, events: Emitter<ManagerEvents>, saw: SightingOf): Promise<Line> {
    const definition = this.#definitionOf(key.broker);
    const store = await this.#store();
    const { writer, claims } = await this.#journalParts();
    const { clock, random, logger, lanes, localAddress } = this.#options;
    const shared = { clock, random, logger, lanes, localAddress, store, writer, claims };
    return buildLine(key, definition, {
      ...shared,
      ticker: this.#ticker,
      observer: this.#observer,
      redactor: this.#redactor,
      vault: this.#vault,
      books: this.#books,
      events,
      saw,
    });
  }

  #definitionOf(broker: string): BrokerDefinition {
    const definition = this.#options.brokers.get(broker);
    if (definition !== undefined) return definition;
    const known = [...this.#options.brokers.keys()];
    throw new AlgoError('ALGO_UNKNOWN_BROKER', { broker: String(broker).slice(0, 60), known });
  }

  /** Opened once, on first use; a failure is told to whoever asked, and the next one tries again. */
  #store(): Promise<Store> {
    if (this.#closing !== null) return Promise.reject(new AlgoError('ALGO_CLOSED', { what: 'manager' }));
    this.#opening ??= this.#options.store.open().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #journalParts(): Promise<JournalParts> {
    const { journal } = await this.#store();
    const { clock, logger } = this.#options;
    if (this.#journal === null) {
      const writer = new JournalWriter(journal, clock, logger);
      this.#journal = { writer, claims: new OrderClaims({ journal, writer, clock, logger }) };
    }
    return this.#journal;
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
