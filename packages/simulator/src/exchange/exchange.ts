import type { SimulatorClock } from '../clock.js';
import type { Account, AccountTerms } from './account.js';
import { accountKey } from './account.js';
import type { ExchangeCommand, OrderChange, OrderName, RecordedCommand } from './exchange-command.js';
import { Floor } from './floor.js';
import type { Instrument } from './instrument.js';
import { rupees } from './instrument.js';
import type { Ledger, LedgerEntry } from './ledger.js';
import type { Market } from './market.js';
import { moveTo } from './matching.js';
import type { ChangeResult, PlaceResult } from './order-desk.js';
import { cancelOrder, forceFill, modifyOrder, placeOrder } from './order-desk.js';
import type { Order, OrderTicket, Trade } from './order.js';
import { isWorking } from './order.js';
import { addHolding } from './settlement.js';
import { TradingDay } from './trading-day.js';

export interface ExchangeOptions {
  readonly clock: SimulatorClock;
  readonly instruments: readonly Instrument[];
  /** Units the rest of the market trades at each new last price. */
  readonly liquidity: number;
  readonly ledger: Ledger;
  /** Called after each command that changed something, before it returns. */
  readonly onCommand: (recorded: RecordedCommand) => void;
}

/** The pretend exchange: accounts, instruments, books and trades. Knows nothing of any broker's wire. */
export class Exchange {
  readonly ledger: Ledger;
  readonly #options: ExchangeOptions;
  readonly #floor: Floor;
  readonly #day: TradingDay;

  constructor(options: ExchangeOptions) {
    this.ledger = options.ledger;
    this.#options = options;
    this.#floor = new Floor(options.instruments, options.liquidity);
    this.#day = new TradingDay(this.#floor, options.clock.now());
  }

  /** Runs commands recorded earlier, at their own times, to stand where the exchange stood. */
  replay(history: readonly RecordedCommand[]): void {
    const [first] = history;
    if (first !== undefined) this.#day.rewind(first.atMs);
    for (const { atMs, command } of history) {
      this.#day.advance(atMs);
      this.#apply(command, atMs);
    }
  }

  /** Runs one command now. Throws, and changes nothing, when it names what does not exist. */
  run(command: ExchangeCommand): void {
    this.#commit(command, (atMs) => this.#apply(command, atMs));
  }

  place(ticket: OrderTicket): PlaceResult {
    return this.#commit({ kind: 'place', ticket }, (atMs) => this.#place(ticket, atMs));
  }

  modify(name: OrderName, change: OrderChange): ChangeResult {
    return this.#commit({ kind: 'modify', name, change }, (atMs) => modifyOrder(this.#floor, name, change, atMs));
  }

  cancel(name: OrderName): ChangeResult {
    return this.#commit({ kind: 'cancel', name }, (atMs) => cancelOrder(this.#floor, name, atMs));
  }

  now(): number {
    return this.#options.clock.now();
  }

  /** How many orders there have been, rejected ones included. */
  get orderCount(): number {
    return this.#floor.orderCount;
  }

  account(broker: string, clientId: string): Account | undefined {
    return this.#current().accounts.get(accountKey(broker, clientId));
  }

  accounts(): readonly Account[] {
    return [...this.#current().accounts.values()];
  }

  order(name: OrderName): Order | undefined {
    return this.#current().orderOf(name);
  }

  market(instrumentId: string): Market | undefined {
    return this.#current().markets.get(instrumentId);
  }

  /** Finds an instrument by id (`NSE_EQ:2885`) or by symbol, NSE shares first. */
  find(instrumentOrSymbol: string): Market | undefined {
    const byId = this.market(instrumentOrSymbol);
    if (byId !== undefined) return byId;
    const markets = [...this.#floor.markets.values()];
    const named = markets.filter(({ instrument }) => instrument.symbol === instrumentOrSymbol);
    return named.find(({ instrument }) => instrument.segment === 'NSE_EQ') ?? named[0];
  }

  /** Today's orders of an account as a reader sees them, oldest first: hidden ones are left out. */
  visibleOrders(account: Account): readonly Order[] {
    const now = this.now();
    return account.orders.filter(
      (order) => order.visibleFromMs <= now && (order.createdAtMs >= this.#day.startMs || isWorking(order)),
    );
  }

  /** Today's trades of an account, oldest first; those of hidden orders are left out. */
  visibleTrades(account: Account): readonly Trade[] {
    const now = this.now();
    return account.trades.filter(({ order, atMs }) => atMs >= this.#day.startMs && order.visibleFromMs <= now);
  }

  /** The floor as of now. */
  #current(): Floor {
    this.#day.advance(this.now());
    return this.#floor;
  }

  /** What was refused changed nothing and is not recorded. */
  #commit<Result>(command: ExchangeCommand, act: (atMs: number) => Result): Result {
    const atMs = this.now();
    this.#day.advance(atMs);
    const result = act(atMs);
    const isRefused = typeof result === 'object' && result !== null && 'kind' in result && result.kind === 'refused';
    if (!isRefused) this.#options.onCommand({ atMs, command });
    return result;
  }

  #apply(command: ExchangeCommand, atMs: number): void {
    switch (command.kind) {
      case 'open-account':
        return this.#openAccount(command.terms);
      case 'fund': {
        const account = this.#floor.accountOf(command);
        account.cash = rupees(account.cash + command.amount);
        return;
      }
      case 'set-price':
        return moveTo(this.#floor.marketOf(command.instrumentId), command.price, this.#floor.hooks(atMs));
      case 'set-liquidity': {
        const market = this.#floor.marketOf(command.instrumentId);
        market.liquidity = command.units ?? Number.POSITIVE_INFINITY;
        market.left = market.liquidity;
        return;
      }
      case 'place':
        this.#place(command.ticket, atMs);
        return;
      case 'modify':
        modifyOrder(this.#floor, command.name, command.change, atMs);
        return;
      case 'cancel':
        cancelOrder(this.#floor, command.name, atMs);
        return;
      case 'fill':
        return forceFill(this.#floor, command.name, command.quantity, command.price, atMs);
    }
  }

  #place(ticket: OrderTicket, atMs: number): PlaceResult {
    const result = placeOrder(this.#floor, ticket, atMs);
    if (result.kind === 'refused' || result.order.status === 'rejected') return result;
    this.#day.watch(result.order);
    this.ledger.append(entryOf(ticket, this.#floor.marketOf(ticket.instrumentId).instrument, atMs));
    return result;
  }

  #openAccount(terms: AccountTerms): void {
    const key = accountKey(terms.broker, terms.clientId);
    if (this.#floor.accounts.has(key)) throw new Error(`There is already an account ${key}`);
    const account: Account = {
      terms,
      cash: terms.cash,
      blocked: 0,
      holdings: new Map(),
      positions: new Map(),
      orders: [],
      working: new Set(),
      trades: [],
    };
    for (const { instrumentId, quantity, averagePrice } of terms.holdings) {
      addHolding(account, this.#floor.marketOf(instrumentId).instrument, quantity, averagePrice);
    }
    this.#floor.accounts.set(key, account);
  }
}

/** What the exchange got, at the moment it got it. */
function entryOf(ticket: OrderTicket, { symbol }: Instrument, atMs: number): Omit<LedgerEntry, 'sequence'> {
  const { broker, clientId, brokerOrderId, tag, side, instrumentId, product } = ticket;
  const { type, wasMarket, validity, quantity, price, triggerPrice } = ticket;
  const names = { atMs, broker, clientId, brokerOrderId, tag, side, instrumentId, symbol };
  return { ...names, product, type, wasMarket, validity, quantity, price, triggerPrice };
}
