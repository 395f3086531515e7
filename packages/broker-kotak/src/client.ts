import type { BrokerCall, BrokerReply } from '@algo/core/adapter';
import { ROUTES } from './transport.js';
import type { Transport } from './transport.js';
import type { CandleQuery } from './wire/market-data.js';
import { readMasterUrls } from './wire/masters.js';
import type { CancelOrderBody, ModifyOrderBody, PlaceOrderBody } from './wire/orders.js';
import type { LimitsBody, MarginBody } from './wire/portfolio.js';

/**
 * Kotak's API in Kotak's words, one method per endpoint. Reads give JSON as sent, lists their `data`; commands give the
 * whole reply.
 *
 * @see Kotak Neo Trade API docs, as of 2026-09
 */
export interface KotakClient {
  placeOrder(body: PlaceOrderBody, call: BrokerCall): Promise<BrokerReply>;
  modifyOrder(body: ModifyOrderBody, call: BrokerCall): Promise<BrokerReply>;
  cancelOrder(body: CancelOrderBody, call: BrokerCall): Promise<BrokerReply>;

  orders(call: BrokerCall): Promise<unknown>;
  order(orderId: string, call: BrokerCall): Promise<unknown>;
  trades(call: BrokerCall): Promise<unknown>;
  positions(call: BrokerCall): Promise<unknown>;
  holdings(call: BrokerCall): Promise<unknown>;
  limits(call: BrokerCall): Promise<unknown>;
  margin(body: MarginBody, call: BrokerCall): Promise<unknown>;

  quotes(neoSymbols: string, filter: 'ltp' | 'all', call: BrokerCall): Promise<unknown>;
  candles(query: CandleQuery, call: BrokerCall): Promise<unknown>;

  masterUrls(call: BrokerCall): Promise<readonly string[]>;
  /** One file as it arrives. */
  master(url: string, call: BrokerCall): Promise<AsyncIterable<Uint8Array>>;
}

const EVERYTHING: LimitsBody = { seg: 'ALL', exch: 'ALL', prod: 'ALL' };

/** Ids and symbols come checked: they stand in a path. */
export function createClient({ command, get, list, ask, master }: Transport): KotakClient {
  const { quotes, candles, instruments } = ROUTES;
  return {
    placeOrder: (body, call) => command('/quick/order/rule/ms/place', body, call),
    modifyOrder: (body, call) => command('/quick/order/vr/modify', body, call),
    cancelOrder: (body, call) => command('/quick/order/cancel', body, call),

    orders: (call) => list('/quick/user/orders', 'ok', call),
    order: (orderId, call) => list(`/quick/user/orders/${orderId}`, 'ok', call),
    trades: (call) => list('/quick/user/trades', 'ok', call),
    positions: (call) => list('/quick/user/positions', 'ok', call),
    holdings: (call) => list('/portfolio/v1/holdings', 'nothing', call),
    limits: (call) => ask('/quick/user/limits', EVERYTHING, call),
    margin: (body, call) => ask('/quick/user/check-margin', body, call),

    quotes: (neoSymbols, filter, call) =>
      get(quotes, `/script-details/1.0/quotes/neosymbol/${neoSymbols}/${filter}`, call),

    candles: ({ neosymbol, fromdate, todate, interval }, call) => {
      const query = `neosymbol=${neosymbol}&fromdate=${fromdate}&todate=${todate}&interval=${interval}`;
      return get(candles, `/market-data/1.0/historical/details?${query}`, call);
    },

    masterUrls: async (call) =>
      readMasterUrls(await get(instruments, '/script-details/1.0/masterscrip/file-paths', call)),
    master: (url, call) => master(url, call),
  };
}
