import type { ResolvedAlgoOptions } from '../config/algo-options.js';
import { EgressDesk } from '../connection/egress-desk.js';
import type { SharedEgress } from '../connection/egress-desk.js';
import { HealthWatch } from '../connection/health-watch.js';
import { SessionCache } from '../connection/session-cache.js';
import { SessionWatch } from '../connection/session-watch.js';
import type { Store } from '../contract/store.js';
import { InstrumentBooks } from '../instruments/instrument-books.js';
import { createTagMaker } from '../orders/tag.js';
import type { TagMaker } from '../orders/tag.js';
import { RecoveryWatch } from '../routing/recovery-watch.js';
import { createDiagnostics, opaqueId } from '../runtime/diagnostics.js';
import type { Diagnostics } from '../runtime/diagnostics.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Redactor } from '../runtime/redactor.js';
import { createTicker } from '../runtime/ticker.js';
import type { Ticker } from '../runtime/ticker.js';
import { RateDesk } from '../transport/rate-desk.js';
import { SendObserver } from '../transport/send-observer.js';
import { SocketDesk } from '../transport/socket-desk.js';
import { WarmUp } from '../transport/warm-up.js';
import type { Warmable } from '../transport/warm-up.js';
import { CredentialVault } from '../vault/credential-vault.js';

export interface SharedPartsOptions {
  readonly options: ResolvedAlgoOptions;
  readonly logger: Logger;
  readonly redactor: Redactor;
  /** Connections that are up. */
  readonly connected: () => readonly Warmable[];
  readonly onSharedEgress: (shared: SharedEgress) => void;
}

/** What all users of one manager share: one timer of each kind and one count of everything, however many they are. */
export class SharedParts {
  readonly ticker: Ticker;
  readonly observer = new SendObserver();
  readonly sockets: SocketDesk;
  readonly vault: CredentialVault;
  readonly books: InstrumentBooks;
  readonly newTag: TagMaker;
  readonly sessions: SessionCache;
  readonly sessionWatch: SessionWatch;
  readonly healthWatch: HealthWatch;
  readonly recoveryWatch: RecoveryWatch;
  readonly diagnostics: Diagnostics;
  readonly egress: EgressDesk;
  readonly redactor: Redactor;
  readonly #shared: SharedPartsOptions;
  readonly #warmUp: WarmUp | null;
  #rates: RateDesk | null = null;

  constructor(shared: SharedPartsOptions) {
    this.#shared = shared;
    this.redactor = shared.redactor;
    const { options, logger } = shared;
    const { clock, random, limits, cache, health } = options;
    const monotonic = (): number => clock.monotonic();
    this.ticker = createTicker(clock);
    this.sockets = new SocketDesk({ clock, total: limits.sockets, perUser: limits.socketsPerUser });
    this.vault = new CredentialVault(options.keys);
    this.books = new InstrumentBooks({ clock, logger });
    this.newTag = createTagMaker(clock, random);
    this.sessions = new SessionCache({ max: cache.sessions, ttlMs: cache.ttlMs, monotonic });
    this.sessionWatch = new SessionWatch(clock);
    this.healthWatch = new HealthWatch({ clock, random, logger, probeIdleMs: health.probeIdleMs });
    this.recoveryWatch = new RecoveryWatch(clock);
    this.diagnostics = createDiagnostics({
      manager: opaqueId(random),
      hooks: options.hooks,
      onHookError: (channel, error) => logger.error('hook-failed', { channel, error: errorName(error) }),
    });
    const { acceptShared, families } = options.egress;
    this.egress = new EgressDesk({ acceptShared, families, onShared: shared.onSharedEgress });
    this.#warmUp = options.warmUp === null ? null : new WarmUp({ ...options.warmUp, clock, targets: shared.connected });
  }

  /** The rate windows of this process; those of a store that others share are taken from there. */
  rates(store: Store): RateDesk {
    const { options, logger } = this.#shared;
    this.#rates ??= new RateDesk({
      clock: options.clock,
      ticker: this.ticker,
      logger,
      budgets: store.shared ? store.budgets : null,
      limitsOf: options.limits.rates,
    });
    return this.#rates;
  }

  /** A connection is up: from now on the hour is looked at. */
  warmUpDaily(): void {
    this.#warmUp?.start();
  }

  /** No connection sends any more: what still asks the store ends before it closes. */
  stopSending(): void {
    this.#warmUp?.close();
    this.#rates?.close();
  }

  close(): void {
    this.sessionWatch.close();
    this.healthWatch.close();
    this.recoveryWatch.close();
    this.sessions.clear();
    this.vault.close();
    this.ticker.close();
    this.observer.close();
    this.sockets.close();
  }
}
