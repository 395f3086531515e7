import { errorName } from '../runtime/error-name.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { SessionKeeper } from './session-keeper.js';
import { isAlive } from './session-life.js';
import type { WatchedSession } from './session-watch.js';

export interface SessionOutlookOptions {
  readonly keeper: Pick<SessionKeeper, 'ensure' | 'life' | 'isRenewalDue' | 'isUnattended'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** From 0 up to but not 1, drawn once: where in its span this connection renews, so that not all do at once. */
  readonly fraction: number;
  /** How long before the end a person is asked for, in milliseconds; null for not at all. */
  readonly leadMs: number | null;
  /** Whether the connection is connected. */
  readonly isUp: () => boolean;
  /** The session ends and a person is needed for the next one. */
  readonly onLoginNeeded: (endsAtMs: number, why: string) => void;
}

/** Two times this after the end, thousands of accounts of one broker have logged in again. */
const SPREAD_MS = 60_000;

/** What one connection's session needs ahead of its end, and at it. */
export class SessionOutlook implements WatchedSession {
  readonly #options: SessionOutlookOptions;
  /** End of the session that a person was asked for, or that needs none. */
  #settledFor: number | null = null;

  constructor(options: SessionOutlookOptions) {
    this.#options = options;
  }

  isDue(nowMs: number): boolean {
    const endsAtMs = this.#endsAtMs();
    if (endsAtMs === null || !this.#options.isUp()) return false;
    return this.#mustBeHad(endsAtMs, nowMs) || this.#mustBeTold(endsAtMs, nowMs);
  }

  async look(nowMs: number): Promise<void> {
    const { keeper, logger } = this.#options;
    const endsAtMs = this.#endsAtMs();
    if (endsAtMs === null) return;
    try {
      if (this.#mustBeHad(endsAtMs, nowMs)) await keeper.ensure();
      else await this.#tell(endsAtMs);
    } catch (error) {
      logger.warn('session-not-kept', { error: errorName(error) }); // the connection was told by the keeper
    }
  }

  #endsAtMs(): number | null {
    return this.#options.keeper.life?.expiresAtMs ?? null;
  }

  /** It is over, or may be renewed. */
  #mustBeHad(endsAtMs: number, nowMs: number): boolean {
    const { keeper, fraction } = this.#options;
    const laterMs = fraction * SPREAD_MS;
    if (!isAlive({ expiresAtMs: endsAtMs, renewable: false }, nowMs - laterMs)) return true;
    return keeper.isRenewalDue(nowMs - laterMs);
  }

  /** One that can be renewed is given half of the time to be so. */
  #mustBeTold(endsAtMs: number, nowMs: number): boolean {
    const { leadMs, keeper } = this.#options;
    if (leadMs === null || this.#settledFor === endsAtMs) return false;
    return endsAtMs - nowMs <= (keeper.life?.renewable === true ? leadMs / 2 : leadMs);
  }

  async #tell(endsAtMs: number): Promise<void> {
    const { keeper, onLoginNeeded } = this.#options;
    this.#settledFor = endsAtMs;
    if (await keeper.isUnattended()) return;
    const why =
      keeper.life?.renewable === true ? 'the session ends soon and could not be renewed' : 'the session ends soon';
    onLoginNeeded(endsAtMs, why);
  }
}
