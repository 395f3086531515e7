import type { BrokerCall, BrokerReply } from '@algo/core/adapter';
import { NO_HOLDINGS, NO_SUCH_TAG } from './map/errors.js';
import { ROUTES } from './transport.js';
import type { Transport } from './transport.js';
import type { ChartBody, QuoteBody } from './wire/market-data.js';
import type { ModifyOrderBody, PlaceOrderBody } from './wire/orders.js';
import type { MarginBody } from './wire/portfolio.js';

/**
 * Dhan's API in Dhan's words, one method per endpoint. Reads give JSON as sent; commands give the whole reply.
 *
 * @see DhanHQ v2 docs, captured 2026-07-15
 */
export interface DhanClient {
  placeOrder(body: PlaceOrderBody, call: BrokerCall): Promise<BrokerReply>;
  modifyOrder(body: ModifyOrderBody, call: BrokerCall): Promise<BrokerReply>;
  cancelOrder(orderId: string, call: BrokerCall): Promise<BrokerReply>;

  orders(call: BrokerCall): Promise<unknown>;
  order(orderId: string, call: BrokerCall): Promise<unknown>;
  /** An empty list when there is none, for which Dhan has two answers. */
  ordersByCorrelationId(correlationId: string, call: BrokerCall): Promise<unknown>;
  trades(call: BrokerCall): Promise<unknown>;
  tradesOfOrder(orderId: string, call: BrokerCall): Promise<unknown>;

  positions(call: BrokerCall): Promise<unknown>;
  /** An empty list for an account without any, which Dhan answers with an error. */
  holdings(call: BrokerCall): Promise<unknown>;
  fundLimit(call: BrokerCall): Promise<unknown>;
  margin(body: MarginBody, call: BrokerCall): Promise<unknown>;
  profile(call: BrokerCall): Promise<unknown>;
  staticIp(call: BrokerCall): Promise<unknown>;

  ltp(body: QuoteBody, call: BrokerCall): Promise<unknown>;
  quote(body: QuoteBody, call: BrokerCall): Promise<unknown>;
  historicalChart(body: ChartBody, call: BrokerCall): Promise<unknown>;
  intradayChart(body: ChartBody, call: BrokerCall): Promise<unknown>;

  /** The file as it arrives. */
  scripMaster(call: BrokerCall): Promise<AsyncIterable<Uint8Array>>;
}

/** Ids and tags come checked: they stand in a path. */
export function createClient({ command, get, post, master }: Transport): DhanClient {
  const { reads, quotes, charts } = ROUTES;
  return {
    placeOrder: (body, call) => command('POST', '/orders', JSON.stringify(body), call),
    modifyOrder: (body, call) => command('PUT', `/orders/${body.orderId}`, JSON.stringify(body), call),
    cancelOrder: (orderId, call) => command('DELETE', `/orders/${orderId}`, null, call),

    orders: (call) => get(reads, '/orders', call),
    order: (orderId, call) => get(reads, `/orders/${orderId}`, call),
    ordersByCorrelationId: (correlationId, call) => get(reads, `/orders/external/${correlationId}`, call, NO_SUCH_TAG),
    trades: (call) => get(reads, '/trades', call),
    tradesOfOrder: (orderId, call) => get(reads, `/trades/${orderId}`, call),

    positions: (call) => get(reads, '/positions', call),
    holdings: (call) => get(reads, '/holdings', call, NO_HOLDINGS),
    fundLimit: (call) => get(reads, '/fundlimit', call),
    margin: (body, call) => post(reads, '/margincalculator', JSON.stringify(body), call),
    profile: (call) => get(reads, '/profile', call),
    staticIp: (call) => get(reads, '/ip/getIP', call),

    ltp: (body, call) => post(quotes, '/marketfeed/ltp', JSON.stringify(body), call),
    quote: (body, call) => post(quotes, '/marketfeed/quote', JSON.stringify(body), call),
    historicalChart: (body, call) => post(charts, '/charts/historical', JSON.stringify(body), call),
    intradayChart: (body, call) => post(charts, '/charts/intraday', JSON.stringify(body), call),

    scripMaster: (call) => master(call),
  };
}
