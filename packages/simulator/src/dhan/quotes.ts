import { rupees } from '../exchange/instrument.js';
import { bandOf } from '../exchange/market.js';
import type { Market } from '../exchange/market.js';
import type { Order } from '../exchange/order.js';
import { remainingOf } from '../exchange/order.js';
import { istText } from '../ist.js';
import { parseBody } from '../body.js';
import type { DhanContext, DhanUserCall } from './context.js';
import type { Reply } from '../wire.js';
import { dataError, json } from './replies.js';
import { SEGMENTS } from './words.js';

type QuoteFields = Readonly<Record<string, unknown>>;

/** `POST /marketfeed/ltp`. */
export function ltp(context: DhanContext, call: DhanUserCall): Reply {
  return quotes(context, call, ({ last }) => ({ last_price: last }));
}

/** `POST /marketfeed/ohlc`. `close` is the previous day's. */
export function ohlc(context: DhanContext, call: DhanUserCall): Reply {
  return quotes(context, call, (market) => ({ last_price: market.last, ohlc: ohlcOf(market) }));
}

/** `POST /marketfeed/quote`, with five levels of depth. */
export function quote(context: DhanContext, call: DhanUserCall): Reply {
  return quotes(context, call, fullQuote);
}

const MOST_INSTRUMENTS = 1_000;

/** Ids come in as integers and go out as strings; unknown ones are left out in silence. */
function quotes(context: DhanContext, call: DhanUserCall, fieldsOf: (market: Market) => QuoteFields): Reply {
  const { clientId, dataPlan } = call.account.terms;
  if (call.headers.get('client-id') !== clientId) return dataError('810');
  if (!dataPlan) return dataError('806');
  const asked = readAsked(call.bodyText);
  if (asked === undefined) return dataError('814');
  if (asked.reduce((count, [, ids]) => count + ids.length, 0) > MOST_INSTRUMENTS) return dataError('804');

  const data: Record<string, Record<string, QuoteFields>> = {};
  for (const [word, ids] of asked) {
    const found: Record<string, QuoteFields> = {};
    for (const id of ids) {
      const market = context.exchange.market(`${SEGMENTS[word] ?? ''}:${id}`);
      if (market !== undefined) found[String(id)] = fieldsOf(market);
    }
    data[word] = found;
  }
  return json(200, { data, status: 'success' });
}

/** Only array values are segments: the Python client adds `dhanClientId`. `undefined` when an id is no integer. */
function readAsked(bodyText: string): readonly (readonly [string, readonly number[]])[] | undefined {
  const body = parseBody(bodyText);
  if (body === undefined) return undefined;
  const asked: [string, number[]][] = [];
  for (const [word, value] of Object.entries(body)) {
    if (!Array.isArray(value)) continue;
    const ids = value.filter((id): id is number => typeof id === 'number' && Number.isInteger(id));
    if (ids.length !== value.length || SEGMENTS[word] === undefined) return undefined;
    asked.push([word, ids]);
  }
  return asked.length === 0 ? undefined : asked;
}

function fullQuote(market: Market): QuoteFields {
  const band = bandOf(market);
  return {
    average_price: market.volume === 0 ? 0 : rupees(market.turnover / market.volume),
    buy_quantity: quantityOf(market.book.buys),
    depth: { buy: depthOf(market.book.buys), sell: depthOf(market.book.sells) },
    last_price: market.last,
    last_quantity: market.lastQuantity,
    last_trade_time: market.lastTradeAtMs === null ? '01/01/1980 00:00:00' : quoteTime(market.lastTradeAtMs),
    lower_circuit_limit: band.low,
    net_change: market.lastTradeAtMs === null ? 0 : rupees(market.last - market.previousClose),
    ohlc: ohlcOf(market),
    oi: 0,
    oi_day_high: 0,
    oi_day_low: 0,
    sell_quantity: quantityOf(market.book.sells),
    upper_circuit_limit: Number.isFinite(band.high) ? band.high : 0,
    volume: market.volume,
  };
}

function ohlcOf(market: Market): QuoteFields {
  const hasTraded = market.lastTradeAtMs !== null;
  return {
    open: hasTraded ? market.open : 0,
    close: market.previousClose,
    high: hasTraded ? market.high : 0,
    low: hasTraded ? market.low : 0,
  };
}

function quantityOf(queue: readonly Order[]): number {
  return queue.reduce((sum, order) => sum + remainingOf(order), 0);
}

/** The five best prices, padded with zeros. */
function depthOf(queue: readonly Order[]): readonly QuoteFields[] {
  const levels = new Map<number, { quantity: number; orders: number }>();
  for (const order of queue) {
    const level = levels.get(order.price) ?? { quantity: 0, orders: 0 };
    if (!levels.has(order.price) && levels.size === 5) break;
    levels.set(order.price, { quantity: level.quantity + remainingOf(order), orders: level.orders + 1 });
  }
  const rows = [...levels].map(([price, { quantity, orders }]) => ({ quantity, orders, price }));
  return [...rows, ...Array.from({ length: 5 - rows.length }, () => ({ quantity: 0, orders: 0, price: 0 }))];
}

/** `DD/MM/YYYY HH:MM:SS` IST. */
function quoteTime(atMs: number): string {
  const text = istText(atMs);
  return `${text.slice(8, 10)}/${text.slice(5, 7)}/${text.slice(0, 4)} ${text.slice(11)}`;
}
