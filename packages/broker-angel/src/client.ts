import type { BrokerCall, BrokerReply } from '@algo/core/adapter';
import { ROUTES } from './transport.js';
import type { Transport } from './transport.js';
import type { CandleBody, QuoteBody } from './wire/market-data.js';
import type { CancelOrderBody, ModifyOrderBody, PlaceOrderBody } from './wire/orders.js';
import type { MarginBody } from './wire/portfolio.js';

/**
 * Angel's API in Angel's words, one method per endpoint. Reads give JSON as sent, in its envelope; commands give the
 * whole reply.
 *
 * @see SmartAPI docs, copy of 2024
 */
export interface AngelClient {
  placeOrder(body: PlaceOrderBody, call: BrokerCall): Promise<BrokerReply>;
  modifyOrder(body: ModifyOrderBody, call: BrokerCall): Promise<BrokerReply>;
  cancelOrder(body: CancelOrderBody, call: BrokerCall): Promise<BrokerReply>;

  orderBook(call: BrokerCall): Promise<unknown>;
  tradeBook(call: BrokerCall): Promise<unknown>;
  position(call: BrokerCall): Promise<unknown>;
  holding(call: BrokerCall): Promise<unknown>;
  rms(call: BrokerCall): Promise<unknown>;
  margin(body: MarginBody, call: BrokerCall): Promise<unknown>;
  profile(call: BrokerCall): Promise<unknown>;

  quote(body: QuoteBody, call: BrokerCall): Promise<unknown>;
  candleData(body: CandleBody, call: BrokerCall): Promise<unknown>;

  /** The file as it arrives. */
  scripMaster(call: BrokerCall): Promise<AsyncIterable<Uint8Array>>;
}

export function createClient({ command, get, post, master }: Transport): AngelClient {
  const { book, trades, positions, holdings, funds, margin, profile, quotes, candles } = ROUTES;
  return {
    placeOrder: (body, call) => command('/order/v1/placeOrder', JSON.stringify(body), call),
    modifyOrder: (body, call) => command('/order/v1/modifyOrder', JSON.stringify(body), call),
    cancelOrder: (body, call) => command('/order/v1/cancelOrder', JSON.stringify(body), call),

    orderBook: (call) => get(book, '/order/v1/getOrderBook', call),
    tradeBook: (call) => get(trades, '/order/v1/getTradeBook', call),
    position: (call) => get(positions, '/order/v1/getPosition', call),
    holding: (call) => get(holdings, '/portfolio/v1/getHolding', call),
    rms: (call) => get(funds, '/user/v1/getRMS', call),
    margin: (body, call) => post(margin, '/margin/v1/batch', JSON.stringify(body), call),
    profile: (call) => get(profile, '/user/v1/getProfile', call),

    quote: (body, call) => post(quotes, '/market/v1/quote', JSON.stringify(body), call),
    candleData: (body, call) => post(candles, '/historical/v1/getCandleData', JSON.stringify(body), call),

    scripMaster: (call) => master(call),
  };
}
