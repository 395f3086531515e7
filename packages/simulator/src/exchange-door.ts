import type { Exchange } from './exchange/exchange.js';
import type { Instrument } from './exchange/instrument.js';
import type { Market } from './exchange/market.js';
import type { Order, Trade } from './exchange/order.js';

/** What a test may do to the exchange, and ask of it, behind every broker's back. Prices are rupees. */
export interface SimulatorExchange {
  readonly instruments: readonly Instrument[];
  /** Moves the market: fires stops and fills what the price reaches. By id (`NSE_EQ:2885`) or symbol, NSE shares first. */
  setLastPrice(instrument: string, price: number): void;
  lastPrice(instrument: string): number;
  /** Units the rest of the market trades at each new last price, starting now; `null` is without limit. */
  setLiquidity(instrument: string, units: number | null): void;
  /** Adds to the cash of an account, or takes from it. */
  fund(clientId: string, amount: number): void;
  /** Fills part or all of a working order, whatever the market does. */
  fill(brokerOrderId: string, quantity: number, price: number): void;
  /** Every order there has been, oldest first, hidden and rejected ones too. */
  orders(clientId?: string): readonly Readonly<Order>[];
  trades(clientId?: string): readonly Trade[];
}

export function exchangeDoor(exchange: Exchange, instruments: readonly Instrument[]): SimulatorExchange {
  const marketOf = (name: string): Market => {
    const market = exchange.find(name);
    if (market === undefined) throw new Error(`There is no instrument ${name}`);
    return market;
  };
  const accountsOf = (clientId: string | undefined) =>
    exchange.accounts().filter(({ terms }) => clientId === undefined || terms.clientId === clientId);

  return {
    instruments,
    setLastPrice(instrument, price) {
      if (!(price > 0) || !Number.isFinite(price)) throw new Error(`A price is above 0, not ${price}`);
      exchange.run({ kind: 'set-price', instrumentId: marketOf(instrument).instrument.id, price });
    },
    lastPrice: (instrument) => marketOf(instrument).last,
    setLiquidity(instrument, units) {
      exchange.run({ kind: 'set-liquidity', instrumentId: marketOf(instrument).instrument.id, units });
    },
    fund(clientId, amount) {
      const [account] = accountsOf(clientId);
      if (account === undefined) throw new Error(`There is no account ${clientId}`);
      exchange.run({ kind: 'fund', broker: account.terms.broker, clientId, amount });
    },
    fill(brokerOrderId, quantity, price) {
      const order = accountsOf(undefined)
        .flatMap(({ orders }) => orders)
        .find(({ ticket }) => ticket.brokerOrderId === brokerOrderId);
      if (order === undefined) throw new Error(`There is no order ${brokerOrderId}`);
      const { broker, clientId } = order.ticket;
      exchange.run({ kind: 'fill', name: { broker, clientId, brokerOrderId }, quantity, price });
    },
    orders: (clientId) =>
      accountsOf(clientId)
        .flatMap(({ orders }) => orders)
        .sort((a, b) => a.sequence - b.sequence),
    trades: (clientId) =>
      accountsOf(clientId)
        .flatMap(({ trades }) => trades)
        .sort((a, b) => Number(a.tradeId) - Number(b.tradeId)),
  };
}
