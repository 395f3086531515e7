import { rupees } from '../exchange/instrument.js';
import type { Market } from '../exchange/market.js';
import { bandOf } from '../exchange/market.js';
import type { Order } from '../exchange/order.js';
import { remainingOf } from '../exchange/order.js';
import type { Reply } from '../wire.js';
import type { KotakContext, KotakUserCall } from './context.js';
import { indexNameOf } from './masters/catalogue.js';
import type { KotakScrip } from './masters/catalogue.js';
import { badBody, json, unknownInstrument } from './replies.js';
import type { Row } from './rows.js';
import { secondsOf } from './text.js';
import { segmentOf } from './words.js';

const MOST_INSTRUMENTS = 50;

/**
 * `GET /script-details/1.0/quotes/neosymbol/<segment|token>[,...][/<filter>]`: a bare list, every number a text.
 *
 * What nobody lists is left out in silence; an error comes only when nothing is left.
 */
export function quotes(context: KotakContext, call: KotakUserCall, fixedFilter?: string): Reply {
  const filter = FILTERS[(fixedFilter ?? call.params['filter'] ?? 'all').toLowerCase()];
  const asked = (call.params['symbols'] ?? '').split(',');
  if (filter === undefined || asked.length > MOST_INSTRUMENTS) return badBody();
  const rows = asked.flatMap((symbol) => {
    const scrip = scripOf(context, symbol);
    const market = context.exchange.market(scrip?.instrument?.id ?? '');
    return scrip === undefined || market === undefined ? [] : [filtered(quoteRow(scrip, market, call.atMs), filter)];
  });
  return rows.length === 0 ? unknownInstrument() : json(200, rows);
}

/** Keys of each filter beside those that name the instrument. The documents show the row of `all` only. */
const FILTERS: Readonly<Record<string, readonly string[] | 'all'>> = {
  all: 'all',
  ltp: ['ltp'],
  ohlc: ['ohlc'],
  oi: ['open_int'],
  depth: ['depth'],
  market_depth: ['depth'],
  circuit_limits: ['low_price_range', 'high_price_range'],
  scrip_details: [],
  '52w': ['year_high', 'year_low'],
};

const NAMING_KEYS: readonly string[] = ['exchange_token', 'display_symbol', 'exchange', 'lstup_time'];

function filtered(row: Row, filter: readonly string[] | 'all'): Row {
  if (filter === 'all') return row;
  const kept = Object.entries(row).filter(([key]) => NAMING_KEYS.includes(key) || filter.includes(key));
  return Object.fromEntries(kept);
}

/** An index goes by its exact name, everything else by its token. */
function scripOf({ catalogue }: KotakContext, symbol: string): KotakScrip | undefined {
  const [word = '', name = ''] = symbol.split('|');
  const segment = segmentOf(word);
  if (segment === undefined) return undefined;
  const index = catalogue.byIndexName(segment, name);
  if (index !== undefined) return index;
  const scrip = catalogue.byToken(segment, name);
  return scrip?.instrument?.segment === 'INDEX' ? undefined : scrip;
}

/** Keys in the order of the official client's real reply of 2026-06-25; an index has no trade figures and no limits. */
function quoteRow(scrip: KotakScrip, market: Market, atMs: number): Row {
  const indexName = indexNameOf(scrip);
  const change = market.last - market.previousClose;
  const { low, high } = bandOf(market);
  return {
    exchange_token: indexName ?? scrip.token,
    display_symbol: indexName === undefined ? scrip.tradingSymbol : `${scrip.tradingSymbol}-IN`,
    exchange: scrip.segment,
    lstup_time: String(secondsOf(market.lastTradeAtMs ?? atMs)),
    ltp: price(market.last),
    last_traded_quantity: String(market.lastQuantity),
    total_buy: String(quantityOf(market.book.buys)),
    total_sell: String(quantityOf(market.book.sells)),
    last_volume: String(market.volume),
    ...(indexName === undefined
      ? { avg_cost: price(market.volume === 0 ? 0 : market.turnover / market.volume), open_int: '0' }
      : {}),
    change: price(change),
    per_change: price((change / market.previousClose) * 100),
    ...(indexName === undefined
      ? { low_price_range: price(low), high_price_range: price(Number.isFinite(high) ? high : 0) }
      : {}),
    year_high: indexName === undefined ? String(rupees(market.instrument.startPrice * 1.25)) : '0',
    year_low: indexName === undefined ? String(rupees(market.instrument.startPrice * 0.75)) : '0',
    ohlc: ohlcOf(market),
    depth: { buy: depthOf(market.book.buys), sell: depthOf(market.book.sells) },
  };
}

export const price = (value: number): string => value.toFixed(4);

/** `close` is the previous day's. */
function ohlcOf(market: Market): Row {
  const { open, high, low } = dayOf(market);
  return { open: price(open), high: price(high), low: price(low), close: price(market.previousClose) };
}

/** Zeros before the first trade of the day. */
export function dayOf({ open, high, low, lastTradeAtMs }: Market): Pick<Market, 'open' | 'high' | 'low'> {
  return lastTradeAtMs === null ? { open: 0, high: 0, low: 0 } : { open, high, low };
}

function quantityOf(queue: readonly Order[]): number {
  return queue.reduce((sum, order) => sum + remainingOf(order), 0);
}

/** The five best prices, padded with zeros. */
function depthOf(queue: readonly Order[]): readonly Row[] {
  const levels = new Map<number, { readonly quantity: number; readonly orders: number }>();
  for (const order of queue) {
    const level = levels.get(order.price) ?? { quantity: 0, orders: 0 };
    if (!levels.has(order.price) && levels.size === 5) break;
    levels.set(order.price, { quantity: level.quantity + remainingOf(order), orders: level.orders + 1 });
  }
  const rows = [...levels].map(([at, { quantity, orders }]) => ({
    price: price(at),
    quantity: String(quantity),
    orders: String(orders),
  }));
  const none = { price: '0', quantity: '0', orders: '0' };
  return [...rows, ...Array.from({ length: 5 - rows.length }, () => none)];
}
