import type { BrokerCall, BrokerReply } from '@algo/core/adapter';
import { NO_HOLDINGS, NO_ORDERS, NO_POSITIONS, NO_SUCH_ORDER, NO_TRADES } from './map/errors.js';
import { ROUTES, dealtFor } from './transport.js';
import type { Transport } from './transport.js';
import type { OhlcQuery, QuoteBody } from './wire/market-data.js';
import type { ModifyOrderBody, PlaceOrderBody } from './wire/orders.js';

/**
 * XTS in its own words, one method per endpoint. Reads give the `result`; commands give the whole reply. A dealer's calls
 * name the client, and the books have paths of their own then.
 *
 * @see Symphony XTS docs and clients as collected 2026-11-20
 */
export interface XtsClient {
  placeOrder(body: PlaceOrderBody, call: BrokerCall): Promise<BrokerReply>;
  modifyOrder(body: ModifyOrderBody, call: BrokerCall): Promise<BrokerReply>;
  /** By the order's id alone, as public adapters do it. */
  cancelOrder(appOrderID: string, call: BrokerCall): Promise<BrokerReply>;

  /** An empty list for the error that means an empty book; so do the next four. */
  orders(call: BrokerCall): Promise<unknown>;
  orderHistory(appOrderID: string, call: BrokerCall): Promise<unknown>;
  trades(call: BrokerCall): Promise<unknown>;
  /** `{ positionList: [] }` where there are none. */
  positions(call: BrokerCall): Promise<unknown>;
  holdings(call: BrokerCall): Promise<unknown>;
  balance(call: BrokerCall): Promise<unknown>;
  profile(call: BrokerCall): Promise<unknown>;

  quotes(body: QuoteBody, call: BrokerCall): Promise<unknown>;
  ohlc(query: OhlcQuery, call: BrokerCall): Promise<unknown>;
  master(segment: string, tokenIsOptional: boolean, call: BrokerCall): Promise<unknown>;
}

/** Ids come checked: they stand in a query. */
export function createClient({ command, get, post }: Transport): XtsClient {
  const { book, trades, positions, reads, quotes, candles, master } = ROUTES;
  return {
    placeOrder: (body, call) => command('POST', '/orders', JSON.stringify(body), call),
    modifyOrder: (body, call) => command('PUT', '/orders', JSON.stringify(body), call),
    cancelOrder: (appOrderID, call) => command('DELETE', withClient('/orders', call, { appOrderID }), null, call),

    orders: (call) =>
      get(book, withClient(dealerPath(call, '/orders/dealerorderbook', '/orders'), call), call, [NO_ORDERS]),
    orderHistory: (appOrderID, call) =>
      get(book, withClient('/orders', call, { appOrderID }), call, [NO_SUCH_ORDER, NO_ORDERS]),
    trades: (call) =>
      get(trades, withClient(dealerPath(call, '/orders/dealertradebook', '/orders/trades'), call), call, [NO_TRADES]),

    async positions(call) {
      const path = dealerPath(call, '/portfolio/dealerpositions', '/portfolio/positions');
      const result = await get(positions, withClient(path, call, { dayOrNet: 'NetWise' }), call, [NO_POSITIONS]);
      return Array.isArray(result) && result.length === 0 ? { positionList: [] } : result;
    },

    async holdings(call) {
      const result = await get(reads, withClient('/portfolio/holdings', call), call, [NO_HOLDINGS]);
      return Array.isArray(result) && result.length === 0 ? { RMSHoldings: { Holdings: {} } } : result;
    },

    balance: (call) => get(reads, withClient('/user/balance', call), call),
    profile: (call) => get(reads, withClient('/user/profile', call), call),

    quotes: (body, call) => post(quotes, '/instruments/quotes', JSON.stringify(body), call),
    ohlc: (query, call) => get(candles, `/instruments/ohlc?${new URLSearchParams({ ...query }).toString()}`, call),
    master: (segment, tokenIsOptional, call) =>
      post(
        { ...master, tokenIsOptional },
        '/instruments/master',
        JSON.stringify({ exchangeSegmentList: [segment] }),
        call,
      ),
  };
}

const dealerPath = (call: BrokerCall, dealer: string, investor: string): string =>
  dealtFor(call.session) === null ? investor : dealer;

function withClient(path: string, call: BrokerCall, query: Readonly<Record<string, string>> = {}): string {
  const clientID = dealtFor(call.session);
  const all = new URLSearchParams({ ...query, ...(clientID === null ? {} : { clientID }) }).toString();
  return all === '' ? path : `${path}?${all}`;
}
