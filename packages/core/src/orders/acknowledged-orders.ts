import { createDayTeller } from '../domain/time.js';

/**
 * Which orders this account was told of today. A complete book lists all of them, so one that does not is stale; and a
 * cancel finds its order here when the journal cannot be read. Tomorrow's book lists none of them.
 */
export class AcknowledgedOrders {
  readonly #dayOf = createDayTeller();
  readonly #orders = new Map<string, { readonly brokerOrderId: string; readonly atMs: number }>();
  #day = '';

  remember(clientOrderId: string, brokerOrderId: string, atMs: number): void {
    const day = this.#dayOf(atMs);
    if (day !== this.#day) this.#orders.clear();
    this.#day = day;
    this.#orders.set(clientOrderId, { brokerOrderId, atMs });
  }

  /** Those told before that moment of the same day. */
  before(epochMs: number): readonly string[] {
    if (this.#dayOf(epochMs) !== this.#day) return [];
    return [...this.#orders.values()].filter(({ atMs }) => atMs < epochMs).map(({ brokerOrderId }) => brokerOrderId);
  }

  has(brokerOrderId: string): boolean {
    for (const order of this.#orders.values()) if (order.brokerOrderId === brokerOrderId) return true;
    return false;
  }

  brokerOrderIdOf(clientOrderId: string): string | null {
    return this.#orders.get(clientOrderId)?.brokerOrderId ?? null;
  }
}
