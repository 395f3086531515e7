import { ConnectionOwnership } from '../connection/connection-ownership.js';
import type { CredentialSource } from '../connection/credential-source.js';
import type { LeasedTurns } from '../connection/leased-turn.js';
import type { SessionCache } from '../connection/session-cache.js';
import { CallRunner } from '../connection/call-runner.js';
import { Connection } from '../connection/connection.js';
import { LoginRefusals } from '../connection/login-refusals.js';
import { HealthLink } from '../connection/health-link.js';
import { HealthMonitor } from '../connection/health-monitor.js';
import { ScrubbedAdapter } from '../connection/scrubbed-adapter.js';
import { SessionKeeper } from '../connection/session-keeper.js';
import type { ResolvedAlgoOptions } from '../config/algo-options.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import { egressKey } from '../contract/egress.js';
import type { Egress } from '../contract/egress.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { AccountKey, Store } from '../contract/store.js';
import type { BrokerOrder } from '../domain/order.js';
import { AcknowledgedOrders } from '../orders/acknowledged-orders.js';
import type { JournalWriter } from '../orders/journal-writer.js';
import type { OrderClaims } from '../orders/order-claims.js';
import { OrderGate } from '../orders/order-gate.js';
import { Reconciler } from '../orders/reconciler.js';
import { RowsElsewhere } from '../orders/rows-elsewhere.js';
import { StartUp } from '../orders/start-up.js';
import type { Emitter } from '../runtime/emitter.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Redactor } from '../runtime/redactor.js';
import { HttpClient } from '../transport/http-client.js';
import type { RateDesk } from '../transport/rate-desk.js';
import type { Line } from './line.js';
import type { ManagerEvents } from './manager-events.js';
import { egressOf, EgressPresence } from './egress-presence.js';
import type { SharedParts } from './shared-parts.js';
import { tellHealth } from './tell-health.js';
import { tellNews } from './tell-news.js';

/** Tells the user's desk how a broker showed one of its orders. */
type SightingOf = (key: AccountKey & { readonly clientOrderId: string }, order: BrokerOrder) => Promise<void>;

/** What of the options a connection is built by. */
type LineOptions = Pick<
  ResolvedAlgoOptions,
  'clock' | 'random' | 'lanes' | 'localAddress' | 'egress' | 'health' | 'sessions' | 'maintenance'
>;

/** What a user's connections are built with. */
export interface LineParts {
  readonly options: LineOptions;
  readonly logger: Logger;
  readonly redactor: Redactor;
  /** What all users share. */
  readonly shared: SharedParts;
  readonly rates: RateDesk;
  readonly source: CredentialSource;
  readonly cache: SessionCache;
  readonly turns: LeasedTurns;
  readonly store: Store;
  readonly writer: JournalWriter;
  readonly claims: OrderClaims;
  readonly events: Emitter<ManagerEvents>;
  readonly saw: SightingOf;
  /** Goes on with what a process that is gone had journalled and not sent. */
  readonly resume: (row: AttemptRow) => void;
}

/** One account's connection with its part of the order road, built and not yet used. */
export function buildLine(key: AccountKey, definition: BrokerDefinition, parts: LineParts): Line {
  const { logger, writer, store, events, saw, shared } = parts;
  const { clock } = parts.options;
  const egress = egressOf(key, parts.options);
  const leavesFrom = egressKey(egress);
  const connection = buildConnection(key, definition, egress, parts);
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
    mayTrade: () => shared.egress.mayTrade(key.userId, leavesFrom),
  });
  const startUp: StartUp = new StartUp({
    connection,
    gate,
    reconciler,
    acknowledged,
    writer,
    clock,
    owner,
    isOwnerAlive,
    journal: store.journal,
    turns: parts.turns,
    resume: parts.resume,
  });
  return { connection, gate, reconciler, acknowledged, startUp, elsewhere };
}

function buildConnection(key: AccountKey, definition: BrokerDefinition, egress: Egress, parts: LineParts): Connection {
  const { logger, redactor, store, events, shared } = parts;
  const { clock, random, lanes, health: healthOptions, sessions, maintenance } = parts.options;
  const { ticker } = shared;
  const { broker, account } = key;
  const leavesFrom = egressKey(egress);
  const health = new HealthMonitor({ clock, thresholds: healthOptions.thresholds });
  const http = new HttpClient({
    broker,
    userId: key.userId,
    hosts: definition.hosts,
    rates: parts.rates.ratesOf({ ...key, address: leavesFrom }, definition.rateLimits),
    lanes,
    localAddress: egress.localAddress ?? null,
    proxy: egress.proxy ?? null,
    sockets: shared.sockets,
    observer: shared.observer,
    ticker,
    monotonic: () => clock.monotonic(),
  });
  if (egress.proxy?.credentials !== undefined) redactor.remember(egress.proxy.credentials);
  const alive = definition.connect({ http, instruments: shared.books.of(broker), clock, logger });
  const adapter = new ScrubbedAdapter(alive, redactor);
  const runner: CallRunner = new CallRunner({
    who: { broker, account },
    userId: key.userId,
    diagnostics: shared.diagnostics,
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
    onBreaker: (lane, state, previous) => {
      connection.breakerChanged(lane, state);
      events.emit('breaker-changed', { connection: { broker, account }, lane, state, previous });
    },
  });
  const keeper: SessionKeeper = new SessionKeeper({
    key,
    template: definition.credentials,
    adapter,
    vault: shared.vault,
    source: parts.source,
    sessions: store.sessions,
    cache: parts.cache,
    turns: parts.turns,
    refusals: new LoginRefusals({ key, configuration: store.configuration, owner: store.owner, clock, logger }),
    clock,
    random,
    logger,
    redactor,
    inCall: (session, run) => connection.authenticate(session, run),
    onFailed: (error) => connection.sessionFailed(error),
    onTakeover: (takeover) => connection.takenOver(takeover),
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
  const leaving = new EgressPresence(shared.egress, key.userId, leavesFrom);
  const connection: Connection = new Connection({
    key,
    ownership,
    definition,
    adapter,
    runner,
    keeper,
    http,
    health,
    books: shared.books,
    clock,
    random,
    logger,
    watch: shared.sessionWatch,
    maintenance: maintenance[broker],
    loginLeadMs: sessions.loginNeededLeadMs,
    publicAddress: egress.publicAddress ?? null,
    onNews: (news) => tellNews({ broker, account }, news, events),
    onChange: (state, previous) => {
      logger.info('connection-changed', { broker, account, from: previous.status, to: state.status });
      leaving.stateIs(state.status);
      if (state.status === 'connected') shared.warmUpDaily();
      events.emit('connection-changed', { connection: { broker, account }, state, previous });
      link.stateIs(state);
    },
  });
  const link = new HealthLink({
    health,
    runner,
    watch: shared.healthWatch,
    severity: () => connection.severity,
    tell: (news) => tellHealth({ broker, account }, news, events),
    onSilent: (code) => connection.outage(code),
  });
  return connection;
}
