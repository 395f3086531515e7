import type { OrderType, Validity } from '../exchange/order.js';

/** An order's terms as they stood. Prices are rupees, quantity is the total. */
export interface OrderTerms {
  readonly type: OrderType;
  readonly validity: Validity;
  readonly quantity: number;
  readonly price: number;
  readonly triggerPrice: number;
}

/** What the exchange does not keep and Kotak shows: when an order was modified, to what, and who cancelled it. */
export type OrderEvent =
  | ({ readonly kind: 'order-modified'; readonly orderNumber: string } & Modification)
  | { readonly kind: 'order-cancelled'; readonly orderNumber: string; readonly atMs: number };

export interface Modification {
  readonly atMs: number;
  readonly terms: OrderTerms;
  /** What had been filled before it: it may trade at once, and the clock may stand still. */
  readonly filledBefore: number;
}

export interface OrderChanges {
  /** Oldest first. */
  readonly modifications: readonly Modification[];
  /** `null` unless the client asked for it: an expired or dropped order was not cancelled by anyone. */
  readonly cancelledAtMs: number | null;
}

export interface OrderJournal {
  record(event: OrderEvent): void;
  of(orderNumber: string): OrderChanges;
}

export function createOrderJournal(history: readonly OrderEvent[], onEvent: (event: OrderEvent) => void): OrderJournal {
  const changes = new Map<string, OrderChanges>();
  const of = (orderNumber: string): OrderChanges =>
    changes.get(orderNumber) ?? { modifications: [], cancelledAtMs: null };

  const apply = (event: OrderEvent): void => {
    const { orderNumber, atMs } = event;
    const known = of(orderNumber);
    switch (event.kind) {
      case 'order-modified': {
        const { terms, filledBefore } = event;
        const modifications = [...known.modifications, { atMs, terms, filledBefore }];
        changes.set(orderNumber, { ...known, modifications });
        return;
      }
      case 'order-cancelled':
        changes.set(orderNumber, { ...known, cancelledAtMs: atMs });
    }
  };
  history.forEach(apply);

  return {
    of,
    record(event) {
      apply(event);
      onEvent(event);
    },
  };
}
