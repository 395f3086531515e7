import type { Account } from './account.js';
import { accountKey } from './account.js';
import type { OrderName } from './exchange-command.js';
import type { Instrument } from './instrument.js';
import { rupees } from './instrument.js';
import { createMarket } from './market.js';
import type { Market } from './market.js';
import { enter, leave } from './matching.js';
import type { MatchingHooks } from './matching.js';
import type { Order } from './order.js';
import { remainingOf } from './order.js';
import { settleFill } from './settlement.js';

/** Everything the exchange holds, and what happens to an order between its acceptance and its end. */
export class Floor {
  readonly markets = new Map<string, Market>();
  readonly accounts = new Map<string, Account>();
  readonly orders = new Map<string, Order>();
  #sequence = 0;
  #tradeCount = 0;
  #priority = 0;

  constructor(instruments: readonly Instrument[], liquidity: number) {
    for (const instrument of instruments) this.markets.set(instrument.id, createMarket(instrument, liquidity));
  }

  /** How many orders there have been, rejected ones included. */
  get orderCount(): number {
    return this.#sequence;
  }

  nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  nextPriority(): number {
    this.#priority += 1;
    return this.#priority;
  }

  accountOf({ broker, clientId }: Pick<OrderName, 'broker' | 'clientId'>): Account {
    const account = this.accounts.get(accountKey(broker, clientId));
    if (account === undefined) throw new Error(`There is no account ${accountKey(broker, clientId)}`);
    return account;
  }

  marketOf(instrumentId: string): Market {
    const market = this.markets.get(instrumentId);
    if (market === undefined) throw new Error(`There is no instrument ${instrumentId}`);
    return market;
  }

  orderOf(name: OrderName): Order | undefined {
    return this.orders.get(orderKey(name));
  }

  /** Oldest first. */
  workingOrders(): readonly Order[] {
    const working = [...this.accounts.values()].flatMap((account) => [...account.working]);
    return working.sort((a, b) => a.sequence - b.sequence);
  }

  /** The exchange has the order from here on. */
  sendToMarket(order: Order, atMs: number): void {
    order.exchangeOrderId ??= exchangeOrderId(order);
    order.exchangeAtMs = atMs;
    enter(this.marketOf(order.ticket.instrumentId), order, this.hooks(atMs));
  }

  hooks(atMs: number): MatchingHooks {
    return {
      atMs,
      onFill: (order, quantity, price) => this.fill(order, quantity, price, atMs),
      onDrop: (order) => this.end(order, 'cancelled', atMs),
    };
  }

  /** Books one execution on the order and its account. */
  fill(order: Order, quantity: number, price: number, atMs: number): void {
    const { instrumentId, product, side } = order.ticket;
    const account = this.accountOf(order.ticket);
    const share = quantity / remainingOf(order);
    order.exchangeOrderId ??= exchangeOrderId(order);
    order.filledQuantity += quantity;
    order.filledValue = rupees(order.filledValue + quantity * price);
    order.updatedAtMs = atMs;
    this.block(account, order, order.blocked * (1 - share));
    settleFill(account, this.marketOf(instrumentId).instrument, { product, side, quantity, price });
    this.#tradeCount += 1;
    account.trades.push({ tradeId: String(this.#tradeCount), order, quantity, price, atMs });
    if (remainingOf(order) === 0) this.end(order, 'filled', atMs);
  }

  /** Takes the order out of every queue and gives its funds back; what was filled stays filled. */
  end(order: Order, status: 'filled' | 'cancelled' | 'expired', atMs: number): void {
    const account = this.accountOf(order.ticket);
    account.working.delete(order);
    this.block(account, order, 0);
    leave(this.marketOf(order.ticket.instrumentId), order);
    order.status = status;
    order.updatedAtMs = atMs;
  }

  /** Sets what the order holds back of its account's funds, rupees. */
  block(account: Account, order: Order, amount: number): void {
    account.blocked = rupees(account.blocked - order.blocked + amount);
    order.blocked = amount;
  }
}

export function orderKey({ broker, clientId, brokerOrderId }: OrderName): string {
  return `${broker}/${clientId}/${brokerOrderId}`;
}

function exchangeOrderId({ sequence }: Order): string {
  return `11${String(sequence).padStart(14, '0')}`;
}
