import { isAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { CallRunner } from './call-runner.js';
import type { ConnectionSeverity } from './connection-severity.js';
import type { ConnectionState } from './connection-state.js';
import { isOutage } from './call-results.js';
import type { HealthMonitor } from './health-monitor.js';
import type { HealthWatch, WatchNews } from './health-watch.js';

export interface HealthLinkOptions {
  readonly health: HealthMonitor;
  readonly runner: Pick<CallRunner, 'mayProbe' | 'probe' | 'breakerDueMs' | 'probeWhenDue'>;
  readonly watch: HealthWatch;
  /** How bad its state is just now. */
  readonly severity: () => ConnectionSeverity;
  readonly tell: (news: WatchNews) => void;
  /** Two probes in a row failed as in an outage. */
  readonly onSilent: (code: AlgoErrorCode) => void;
}

/** Puts a connection under the shared watch from its first step until it is closed or logged out. */
export class HealthLink {
  readonly #options: HealthLinkOptions;
  #isUp = false;
  #unwatch: (() => void) | null = null;

  constructor(options: HealthLinkOptions) {
    this.#options = options;
  }

  /** To be called with every state of the connection. */
  stateIs({ status }: ConnectionState): void {
    const { health, severity } = this.#options;
    this.#isUp = status === 'connected';
    if (status !== 'disconnected') this.#unwatch ??= this.#watch();
    health.connectionIs(status, severity());
    if (status === 'disconnected') this.#leave();
  }

  #watch(): () => void {
    const { health, runner, watch, tell } = this.#options;
    return watch.watch({
      health,
      tell,
      mayProbe: () => this.#isUp && runner.mayProbe(),
      probe: () => this.#probe(),
      // While it is not up, whoever makes it anew tries the lanes by doing so.
      breakerDueMs: () => (this.#isUp ? runner.breakerDueMs() : Infinity),
      tryBreakers: () => runner.probeWhenDue(),
    });
  }

  #leave(): void {
    this.#unwatch?.();
    this.#unwatch = null;
  }

  /** One that fails is made again at once: a single lost packet ends no connection. */
  async #probe(): Promise<void> {
    const first = await this.#failureOfProbe();
    if (first === null || !isOutage(first) || !this.#isUp) return;
    const second = await this.#failureOfProbe();
    if (second !== null && isOutage(second) && this.#isUp) this.#options.onSilent(second);
  }

  /** Null when it was answered, be it with a no. */
  async #failureOfProbe(): Promise<AlgoErrorCode | null> {
    try {
      await this.#options.runner.probe();
      return null;
    } catch (error) {
      return isAlgoError(error) ? error.code : null;
    }
  }
}
