import { expect, test } from 'vitest';
import type { BrokerCapabilities } from '../contract/capabilities.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { Listing } from '../domain/instrument.js';
import type { BrokerOrder, ModifyRequest } from '../domain/order.js';
import { ORDER_TYPES, PRODUCTS, VALIDITIES } from '../domain/vocabulary.js';
import { isAlgoError } from '../errors/algo-error.js';
import { writeModifyRequest, writePlaceRequest } from './command-text.js';
import type { ModifyText } from './command-text.js';
import { checkedModify } from './modify-check.js';
import type { CheckedModify } from './modify-check.js';

const listing: Listing = {
  instrument: 'NSE:RELIANCE',
  contract: { kind: 'equity', exchange: 'NSE', symbol: 'RELIANCE', series: null },
  token: '2885',
  segment: 'NSE_EQ',
  symbol: 'RELIANCE',
  name: 'Reliance',
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: 1_000,
  quantityUnit: { kind: 'units' },
};

const capabilities: BrokerCapabilities = {
  exchanges: ['NSE'],
  products: PRODUCTS,
  orderTypes: ORDER_TYPES,
  validities: VALIDITIES,
  orderIdentity: { grade: 'G2', tagLength: 15, visibleWithinMs: 120_000 },
  session: { lastsMs: null, endsDailyAt: null, secondLogin: 'unsure' },
  margin: false,
  candleIntervals: [],
  quoteBatch: 1,
  modificationsPerOrder: null,
};

const placeText = writePlaceRequest({
  listing,
  side: 'BUY',
  quantity: 10,
  type: 'LIMIT',
  price: 1_000_000,
  triggerPrice: null,
  product: 'CNC',
  validity: 'DAY',
});

const row = (changes: Partial<AttemptRow> = {}): AttemptRow => ({
  userId: 'u',
  broker: 'dhan',
  account: 'main',
  owner: '',
  tag: 'TAG',
  kind: 'place',
  clientOrderId: 'c',
  number: 1,
  request: placeText,
  state: 'ACKNOWLEDGED',
  tradingDay: '2026-11-20',
  createdAtMs: 0,
  sendByMs: 0,
  brokerOrderId: 'B1',
  detail: null,
  updatedAtMs: 0,
  ...changes,
});

const shown = (changes: Partial<BrokerOrder> = {}): BrokerOrder => ({
  brokerOrderId: 'B1',
  exchangeOrderId: null,
  tag: 'TAG',
  instrument: 'NSE:RELIANCE',
  symbol: 'RELIANCE',
  side: 'BUY',
  type: 'LIMIT',
  product: 'CNC',
  validity: 'DAY',
  quantity: 10,
  filledQuantity: 0,
  price: 100,
  triggerPrice: null,
  averagePrice: null,
  status: 'OPEN',
  brokerStatus: 'open',
  reason: null,
  placedAtMs: null,
  updatedAtMs: null,
  ...changes,
});

function modify(
  changes: Omit<ModifyRequest, 'clientOrderId'>,
  now: BrokerOrder | null = shown(),
  rows: readonly AttemptRow[] = [row()],
): CheckedModify {
  const connection = { broker: 'dhan', capabilities, listing: () => listing };
  // Of the road a check reads three fields; the rest of it is not built here.
  const target = { place: rows[0], rows, road: { gate: { connection } } } as unknown as Parameters<
    typeof checkedModify
  >[1];
  return checkedModify({ clientOrderId: 'c', ...changes }, target, now, '2026-11-20');
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isAlgoError(error)) return error.code;
    throw error;
  }
  return 'none';
}

test('what is left out stays as the broker shows it now', () => {
  expect(modify({ price: 101 }, shown({ quantity: 20, validity: 'IOC' })).command).toEqual({
    order: { tag: 'TAG', listing, side: 'BUY', type: 'LIMIT', product: 'CNC' },
    quantity: 20,
    type: 'LIMIT',
    price: 1_010_000,
    triggerPrice: null,
    validity: 'IOC',
  });
});

test('while the order is not to be seen, it stays as it was asked for last', () => {
  const text = (changes: Partial<ModifyText>): string =>
    writeModifyRequest({ quantity: 10, type: 'LIMIT', price: 100, triggerPrice: null, validity: 'DAY', ...changes });
  const rows = [
    row(),
    row({ kind: 'modify', request: text({ quantity: 30 }) }),
    row({ kind: 'modify', number: 2, state: 'NOT_SENT', request: text({ quantity: 99 }) }),
    row({ kind: 'cancel', request: '{}' }),
  ];
  expect(modify({ price: 101 }, null, [row()]).wanted.quantity).toBe(10);
  expect(modify({ price: 101 }, null, rows).wanted.quantity).toBe(30);
});

test('becoming a market order drops the price, and becoming a stop asks for a trigger', () => {
  expect(modify({ type: 'MARKET' }).command).toMatchObject({ type: 'MARKET', price: null, triggerPrice: null });
  expect(codeOf(() => modify({ type: 'SL' }))).toBe('ALGO_PRICE_NOT_ALLOWED');
  expect(modify({ type: 'SL', triggerPrice: 99 }).command).toMatchObject({ price: 1_000_000, triggerPrice: 990_000 });
  const stop = shown({ type: 'SL-M', price: null, triggerPrice: 101 });
  expect(modify({ quantity: 5 }, stop).command).toMatchObject({ price: null, triggerPrice: 1_010_000 });
});

test.each<readonly [string, Omit<ModifyRequest, 'clientOrderId'>, string]>([
  ['nothing at all', {}, 'ALGO_INVALID_INPUT'],
  ['what it is already', { quantity: 10, price: '100.00', type: 'LIMIT', validity: 'DAY' }, 'ALGO_INVALID_INPUT'],
  ['off the tick', { price: 100.03 }, 'ALGO_PRICE_OFF_TICK'],
  ['above the freeze', { quantity: 1_000 }, 'ALGO_QUANTITY_ABOVE_FREEZE'],
  ['no quantity', { quantity: 0 }, 'ALGO_INVALID_INPUT'],
  ['a price on a market order', { type: 'MARKET', price: 100 }, 'ALGO_PRICE_NOT_ALLOWED'],
  ['an unknown type', { type: 'STOP' as never }, 'ALGO_INVALID_INPUT'],
])('a change to %s is refused', (_name, changes, code) => {
  expect(codeOf(() => modify(changes))).toBe(code);
});

test('the new total must be above what is filled', () => {
  const partly = shown({ status: 'PARTIALLY_FILLED', filledQuantity: 6 });
  expect(codeOf(() => modify({ quantity: 6 }, partly))).toBe('ALGO_INVALID_INPUT');
  expect(codeOf(() => modify({ quantity: 5 }, partly))).toBe('ALGO_INVALID_INPUT');
  expect(modify({ quantity: 7 }, partly).command.quantity).toBe(7);
});

test('a place whose text cannot be read is not changed by guess', () => {
  expect(codeOf(() => modify({ quantity: 7 }, shown(), [row({ request: '{}' })]))).toBe('ALGO_UNKNOWN_ORDER');
});
