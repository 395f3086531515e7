import { ConnectionOwnership } from '../connection/connection-ownership.js';
import type { CredentialSource } from '../connection/credential-source.js';
import type { LeasedTurns } from '../connection/leased-turn.js';
import type { SessionCache } from '../connection/session-cache.js';
import { CallRunner } from '../connection/call-runner.js';
import { Connection } from '../connection/connection.js';
import type { CredentialVault } from '../vault/credential-vault.js';
import { LoginRefusals } from '../connection/login-refusals.js';
import { HealthMonitor } from '../connection/health-monitor.js';
import { scrubbedAdapter } from '../connection/scrubbed-adapter.js';
import { SessionKeeper } from '../connection/session-keeper.js';
import type { ResolvedAlgoOptions } from '../config/algo-options.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { AccountKey, Store } from '../contract/store.js';
import type { BrokerOrder } from '../domain/order.js';
import type { InstrumentBooks } from '../instruments/instrument-books.js';
import { AcknowledgedOrders } from '../orders/acknowledged-orders.js';
import type { JournalWriter } from '../orders/journal-writer.js';
import type { OrderClaims } from '../orders/order-claims.js';
import { OrderGate } from '../orders/order-gate.js';
import { Reconciler } from '../orders/reconciler.js';
import { RowsElsewhere } from '../orders/rows-elsewhere.js';
import { StartUp } from '../orders/start-up.js';
import type { Emitter } from '../runtime/emitter.js';
import { errorName } from '../runtime/error-name.js';
import type { Redactor } from '../runtime/redactor.js';
import type { Ticker } from '../runtime/ticker.js';
import { HttpClient } from '../transport/http-client.js';
import type { SendObserver } from '../transport/send-observer.js';
import type { Line, ManagerEvents } from './connection-manager.js';

/** Tells the user's desk how a broker showed one of its orders. */
type SightingOf = (key: AccountKey & { readonly clientOrderId: string }, order: BrokerOrder) => Promise<void>;

/** What the connections of one manager share. */
export interface LineParts extends Pick<ResolvedAlgoOptions, 'clock' | 'random' | 'logger' | 'lanes' | 'localAddress'> {
  readonly ticker: Ticker;
  readonly observer: SendObserver;
  readonly redactor: Redactor;
  readonly vault: CredentialVault;
  readonly source: CredentialSource;
  readonly cache: SessionCache;
  readonly turns: LeasedTurns;
  readonly books: InstrumentBooks;
  readonly store: Store;
  readonly writer: JournalWriter;
  readonly claims: OrderClaims;
  readonly events: Emitter<ManagerEvents>;
  readonly saw: SightingOf;
  /** Goes on with a cancel that a process that is gone had journalled and not sent. */
  readonly resume: (row: AttemptRow) => void;
}

/** One account's connection with its part of the order road, built and not yet used. */
export function buildLine(key: AccountKey, definition: BrokerDefinition, parts: LineParts): Line {
  const { clock, logger, writer, store, events, saw } = parts;
  const connection = buildConnection(key, definition, parts);
  const acknowledged = new AcknowledgedOrders();
  const { owner } = store;
  const isOwnerAlive = (name: string): Promise<boolean> => store.isOwnerAlive(name);
  const elsewhere = new RowsElsewhere({
    journal: store.journal,
    owner,
    isOwnerAlive,
    clock,
    logger,
    takeOver: (row) => startUp.takeOver(row),
  });
  const reconciler = new Reconciler({
    connection,
    elsewhere: (row) => elsewhere.follow(row),
    writer,
    clock,
    logger,
    emit: (...pair) => events.emit(...pair),
    acknowledged,
    onSeen: (clientOrderId, order) => {
      saw({ ...key, clientOrderId }, order).catch((error: unknown) => {
        logger.error('sighting-not-saved', { error: errorName(error) });
      });
    },
  });
  const gate = new OrderGate({
    connection,
    claims: parts.claims,
    writer,
    reconciler,
    acknowledged,
    logger,
    emit: (...pair) => events.emit(...pair),
  });
  const shared = { connection, gate, reconciler, acknowledged, writer, clock, owner, isOwnerAlive };
  const startUp: StartUp = new StartUp({
    ...shared,
    journal: store.journal,
    turns: parts.turns,
    resume: parts.resume,
  });
  return { connection, gate, reconciler, acknowledged, startUp, elsewhere };
}

function buildConnection(key: AccountKey, definition: BrokerDefinition, parts: LineParts): Connection {
  const { clock, random, logger, redactor, ticker, books, store, events } = parts;
  const { broker, account } = key;
  const health = new HealthMonitor();
  const http = new HttpClient({
    broker,
    hosts: definition.hosts,
    rateLimits: definition.rateLimits,
    lanes: parts.lanes,
    localAddress: parts.localAddress,
    observer: parts.observer,
    ticker,
    monotonic: () => clock.monotonic(),
  });
  const alive = definition.connect({ http, instruments: books.of(broker), clock, logger });
  const adapter = scrubbedAdapter(alive, (text) => redactor.scrub(text));
  const runner: CallRunner = new CallRunner({
    who: { broker, account },
    readTries: definition.reads?.tries,
    clock,
    random,
    ticker,
    redactor,
    http,
    health,
    keeper: () => keeper,
    adapter: () => adapter,
    onSession: (event) => connection.sessionChanged(event),
  });
  const keeper: SessionKeeper = new SessionKeeper({
    key,
    template: definition.credentials,
    adapter,
    vault: parts.vault,
    source: parts.source,
    sessions: store.sessions,
    cache: parts.cache,
    turns: parts.turns,
    refusals: new LoginRefusals({ key, configuration: store.configuration, owner: store.owner, clock, logger }),
    clock,
    random,
    logger,
    redactor,
    inCall: (session, run) => runner.authenticate(session, run),
  });
  const ownership =
    definition.capabilities.session.oneProcess === true
      ? new ConnectionOwnership({
          key,
          leases: store.leases,
          owner: store.owner,
          clock,
          logger,
          onLost: () => connection.ownershipLost(),
        })
      : null;
  const connection: Connection = new Connection({
    key,
    ownership,
    definition,
    adapter,
    runner,
    keeper,
    http,
    health,
    books,
    clock,
    onChange: (state, previous) => {
      logger.info('connection-changed', { broker, account, from: previous.status, to: state.status });
      events.emit('connection-changed', { connection: { broker, account }, state, previous });
    },
  });
  return connection;
}
