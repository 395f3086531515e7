import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { BrokerSwitch } from './broker-switch.js';

/**
 * Which brokers a user has switched off, known at once: an order asks without waiting, so that a cancel that follows it
 * finds it under way.
 */
export class OffBrokers {
  readonly #brokers: readonly string[];
  readonly #switches: Pick<BrokerSwitch, 'isEnabled'>;
  readonly #logger: Logger;
  #off: ReadonlySet<string> = new Set();
  #reads = 0;
  #newest = 0;

  constructor(brokers: readonly string[], switches: Pick<BrokerSwitch, 'isEnabled'>, logger: Logger) {
    this.#brokers = brokers;
    this.#switches = switches;
    this.#logger = logger;
  }

  has(broker: string): boolean {
    return this.#off.has(broker);
  }

  async read(): Promise<void> {
    this.#reads += 1;
    const turn = this.#reads;
    const states = await Promise.all(
      this.#brokers.map(async (broker) => [broker, await this.#switches.isEnabled(broker)] as const),
    );
    if (turn < this.#newest) return; // a later reading was there first
    this.#newest = turn;
    this.#off = new Set(states.flatMap(([broker, enabled]) => (enabled ? [] : [broker])));
  }

  /** Somebody else may have changed them. While they cannot be read, those read last hold. */
  readAgain(): void {
    this.read().catch((error: unknown) => {
      this.#logger.warn('broker-switches-unread', { error: errorName(error) });
    });
  }
}
