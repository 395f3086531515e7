/** What a request does, in words that are the same for every broker. Faults and records go by these names. */
export const OPERATIONS = [
  'placeOrder',
  'placeSlicedOrder',
  'modifyOrder',
  'cancelOrder',
  'orderBook',
  'orderById',
  'orderByTag',
  'trades',
  'tradesOfOrder',
  'tradeHistory',
  'positions',
  'holdings',
  'funds',
  'margin',
  'ltp',
  'ohlc',
  'quote',
  'dailyCandles',
  'intradayCandles',
  'profile',
  'staticIp',
  'login',
  'renew',
  'logout',
  'hostLookup',
  'beginLogin',
  'orderHistory',
  'cancelAll',
  'convertPosition',
  'squareOff',
  'charges',
  'search',
  'enums',
  'exchangeStatus',
  'subscribe',
  'unsubscribe',
  'instruments',
  'unknown',
] as const;

export type Operation = (typeof OPERATIONS)[number];

export function isOperation(text: unknown): text is Operation {
  return OPERATIONS.some((operation) => operation === text);
}
