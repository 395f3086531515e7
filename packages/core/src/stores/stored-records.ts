import { ORDER_STATUSES } from '../domain/order.js';
import type { BrokerOrder } from '../domain/order.js';
import type { Holding, Position, Trade } from '../domain/portfolio.js';
import { ORDER_TYPES, PRODUCTS, SIDES, VALIDITIES } from '../domain/vocabulary.js';
import type { Product } from '../domain/vocabulary.js';
import { AlgoError } from '../errors/algo-error.js';

// What a store that keeps orders, trades, positions and holdings as JSON read back, checked field by field: somebody
// else may have written to it. All throw `ALGO_STORE_FAILED` and name the field, never what was found in it.

export function storedOrder(value: unknown): BrokerOrder {
  const order = recordOf(value, 'order');
  return {
    brokerOrderId: text(order, 'brokerOrderId'),
    exchangeOrderId: textOrNull(order, 'exchangeOrderId'),
    tag: textOrNull(order, 'tag'),
    instrument: textOrNull(order, 'instrument'),
    symbol: text(order, 'symbol'),
    side: word(order, 'side', SIDES),
    type: word(order, 'type', ORDER_TYPES),
    product: productOrNull(order),
    validity: word(order, 'validity', VALIDITIES),
    quantity: number(order, 'quantity'),
    filledQuantity: number(order, 'filledQuantity'),
    price: numberOrNull(order, 'price'),
    triggerPrice: numberOrNull(order, 'triggerPrice'),
    averagePrice: numberOrNull(order, 'averagePrice'),
    status: word(order, 'status', ORDER_STATUSES),
    brokerStatus: text(order, 'brokerStatus'),
    reason: textOrNull(order, 'reason'),
    placedAtMs: numberOrNull(order, 'placedAtMs'),
    updatedAtMs: numberOrNull(order, 'updatedAtMs'),
  };
}

export function storedTrade(value: unknown): Trade {
  const trade = recordOf(value, 'trade');
  return {
    tradeId: text(trade, 'tradeId'),
    brokerOrderId: text(trade, 'brokerOrderId'),
    exchangeOrderId: textOrNull(trade, 'exchangeOrderId'),
    instrument: textOrNull(trade, 'instrument'),
    symbol: text(trade, 'symbol'),
    side: word(trade, 'side', SIDES),
    product: productOrNull(trade),
    quantity: number(trade, 'quantity'),
    price: number(trade, 'price'),
    tradedAtMs: numberOrNull(trade, 'tradedAtMs'),
  };
}

export const storedPositions = (value: unknown): readonly Position[] => listOf(value, 'rows').map(positionFrom);

export const storedHoldings = (value: unknown): readonly Holding[] => listOf(value, 'rows').map(holdingFrom);

const positionFrom = (position: Fields): Position => ({
  instrument: textOrNull(position, 'instrument'),
  symbol: text(position, 'symbol'),
  product: productOrNull(position),
  quantity: number(position, 'quantity'),
  boughtQuantity: number(position, 'boughtQuantity'),
  soldQuantity: number(position, 'soldQuantity'),
  averageBuyPrice: number(position, 'averageBuyPrice'),
  averageSellPrice: number(position, 'averageSellPrice'),
  realizedProfit: number(position, 'realizedProfit'),
  unrealizedProfit: number(position, 'unrealizedProfit'),
});

const holdingFrom = (holding: Fields): Holding => ({
  instrument: textOrNull(holding, 'instrument'),
  symbol: text(holding, 'symbol'),
  isin: textOrNull(holding, 'isin'),
  quantity: number(holding, 'quantity'),
  availableQuantity: number(holding, 'availableQuantity'),
  pledgedQuantity: number(holding, 'pledgedQuantity'),
  averagePrice: number(holding, 'averagePrice'),
  lastPrice: numberOrNull(holding, 'lastPrice'),
});

type Fields = Readonly<Record<string, unknown>>;

const productOrNull = (fields: Fields): Product | null =>
  fields['product'] === null ? null : word(fields, 'product', PRODUCTS);

function recordOf(value: unknown, what: string): Fields {
  if (isFields(value)) return value;
  throw misread(what);
}

function listOf(value: unknown, what: string): readonly Fields[] {
  if (!Array.isArray(value)) throw misread(what);
  return value.map((item) => recordOf(item, what));
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function text(fields: Fields, field: string): string {
  const value = fields[field];
  if (typeof value === 'string') return value;
  throw misread(field);
}

const textOrNull = (fields: Fields, field: string): string | null =>
  fields[field] === null ? null : text(fields, field);

function number(fields: Fields, field: string): number {
  const value = fields[field];
  if (typeof value === 'number') return value;
  throw misread(field);
}

const numberOrNull = (fields: Fields, field: string): number | null =>
  fields[field] === null ? null : number(fields, field);

function word<Word extends string>(fields: Fields, field: string, words: readonly Word[]): Word {
  const value = fields[field];
  const known = words.find((each) => each === value);
  if (known !== undefined) return known;
  throw misread(field);
}

const misread = (field: string): AlgoError =>
  new AlgoError('ALGO_STORE_FAILED', {
    what: 'reading a row',
    why: `the column ${field} holds something the store never wrote; check who else writes to it`,
  });
