import type { Order, Trade } from '../exchange/order.js';
import type { Modification, OrderChanges, OrderTerms } from './order-journal.js';
import { isAfterMarket, statusWord } from './rows.js';

/** An order as it stood at one moment. */
export interface OrderState {
  readonly status: string;
  readonly atMs: number;
  readonly terms: OrderTerms;
  readonly filledQuantity: number;
  readonly filledValue: number;
  readonly isAtExchange: boolean;
  /** How many modifications it had seen. */
  readonly modifications: number;
}

/** Every state that an order went through, oldest first, in the words of the order history. */
export function statesOf(order: Order, changes: OrderChanges, fills: readonly Trade[]): readonly OrderState[] {
  const story = new Story(order);
  story.begin();
  if (order.status === 'rejected') story.push({ status: 'rejected' });
  else {
    for (const happening of inOrder(changes.modifications, fills)) story.tell(happening);
    story.end();
  }
  return story.states;
}

class Story {
  readonly states: OrderState[] = [];
  readonly #order: Order;
  #state: OrderState;

  constructor(order: Order) {
    this.#order = order;
    this.#state = {
      status: 'put order req received',
      atMs: order.createdAtMs,
      terms: order.ticket,
      filledQuantity: 0,
      filledValue: 0,
      isAtExchange: false,
      modifications: 0,
    };
  }

  push(change: Partial<OrderState>): void {
    this.#state = { ...this.#state, ...change };
    this.states.push(this.#state);
  }

  begin(): void {
    this.push({});
    this.push({ status: 'validation pending' });
    if (this.#order.status === 'rejected') return;
    if (isAfterMarket(this.#order)) this.push({ status: 'after market order req received' });
    else this.#arrive();
  }

  tell(happening: Happening): void {
    const { exchangeAtMs } = this.#order;
    if (!this.#state.isAtExchange && exchangeAtMs !== null && happening.atMs >= exchangeAtMs) this.#arrive();
    if ('terms' in happening) this.#modify(happening);
    else this.#fill(happening);
  }

  end(): void {
    const { status, exchangeOrderId, updatedAtMs } = this.#order;
    if (!this.#state.isAtExchange && exchangeOrderId !== null) this.#arrive();
    if (status !== 'cancelled' && status !== 'expired') return;
    if (this.#state.isAtExchange) this.push({ status: 'cancel pending', atMs: updatedAtMs });
    this.push({ status: statusWord(this.#order), atMs: updatedAtMs });
  }

  #arrive(): void {
    this.push({ status: 'open pending', atMs: this.#order.exchangeAtMs ?? this.#order.createdAtMs });
    this.push({ status: this.#state.terms.type === 'SL' ? 'trigger pending' : 'open', isAtExchange: true });
  }

  #modify({ atMs, terms }: Modification): void {
    const modified = { atMs, terms, modifications: this.#state.modifications + 1 };
    if (!this.#state.isAtExchange) {
      this.push({ status: 'modify after market order req received', ...modified });
      return;
    }
    this.push({ status: 'modify validation pending', ...modified });
    this.push({ status: 'modify pending' });
    this.push({ status: 'modified' });
  }

  #fill({ atMs, quantity, price }: Trade): void {
    const filledQuantity = this.#state.filledQuantity + quantity;
    const status = filledQuantity === this.#state.terms.quantity ? 'complete' : 'open';
    this.push({ status, atMs, filledQuantity, filledValue: this.#state.filledValue + quantity * price });
  }
}

type Happening = Modification | Trade;

/** Each modification after what had been filled before it. */
function inOrder(modifications: readonly Modification[], fills: readonly Trade[]): readonly Happening[] {
  const happenings: Happening[] = [];
  const waiting = [...modifications];
  let filled = 0;
  for (const fill of fills) {
    const early = waiting.filter(({ filledBefore }) => filledBefore <= filled);
    happenings.push(...waiting.splice(0, early.length), fill);
    filled += fill.quantity;
  }
  return [...happenings, ...waiting];
}
