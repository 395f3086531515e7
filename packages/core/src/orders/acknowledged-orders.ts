import { createDayTeller } from '../domain/time.js';

/**
 * Which orders this account was told of today. A complete book lists all of them, so one that does not is stale; and a
 * cancel finds its order here when the journal cannot be read. Tomorrow's book lists none of them.
 */
export class AcknowledgedOrders {
  readonly #dayOf = createDayTeller();
  readonly #orders = new Map<string, { readonly brokerOrderId: string; readonly atMs: number }>();
  readonly #owners = new Map<string, string>();
  #day = '';

  remember(clientOrderId: string, brokerOrderId: string, atMs: number): void {
    const day = this.#dayOf(atMs);
    if (day !== this.#day) {
      this.#orders.clear();
      this.#owners.clear();
    }
    this.#day = day;
    this.#orders.set(clientOrderId, { brokerOrderId, atMs });
    this.#owners.set(brokerOrderId, clientOrderId);
  }

  /** Those told before that moment of the same day. */
  before(epochMs: number): readonly string[] {
    if (this.#dayOf(epochMs) !== this.#day) return [];
    return [...this.#orders.values()].filter(({ atMs }) => atMs < epochMs).map(({ brokerOrderId }) => brokerOrderId);
  }

  has(brokerOrderId: string): boolean {
    return this.#owners.has(brokerOrderId);
  }

  /** The client order id that was told this order id on the day of that moment. */
  ownerOf(brokerOrderId: string, epochMs: number): string | null {
    return this.#dayOf(epochMs) === this.#day ? (this.#owners.get(brokerOrderId) ?? null) : null;
  }

  brokerOrderIdOf(clientOrderId: string): string | null {
    return this.#orders.get(clientOrderId)?.brokerOrderId ?? null;
  }
}
