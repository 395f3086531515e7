import { expect, test } from 'vitest';
import { storedHoldings, storedOrder, storedPositions, storedTrade } from './stored-records.js';

const ORDER = {
  brokerOrderId: '1',
  exchangeOrderId: null,
  tag: 'T1',
  instrument: 'NSE:RELIANCE',
  symbol: 'RELIANCE',
  side: 'BUY',
  type: 'SL-M',
  product: null,
  validity: 'DAY',
  quantity: 10,
  filledQuantity: 4,
  price: null,
  triggerPrice: 2450.05,
  averagePrice: null,
  status: 'PARTIALLY_FILLED',
  brokerStatus: 'PART_TRADED',
  reason: null,
  placedAtMs: 1,
  updatedAtMs: null,
};

const TRADE = {
  tradeId: 't1',
  brokerOrderId: '1',
  exchangeOrderId: null,
  instrument: null,
  symbol: 'RELIANCE',
  side: 'SELL',
  product: 'MIS',
  quantity: 4,
  price: 2450.0025,
  tradedAtMs: null,
};

const POSITION = {
  instrument: null,
  symbol: 'RELIANCE',
  product: 'NRML',
  quantity: -4,
  boughtQuantity: 0,
  soldQuantity: 4,
  averageBuyPrice: 0,
  averageSellPrice: 2450.05,
  realizedProfit: 0,
  unrealizedProfit: -3.5,
};

const HOLDING = {
  instrument: 'NSE:RELIANCE',
  symbol: 'RELIANCE',
  isin: null,
  quantity: 4,
  availableQuantity: 3,
  pledgedQuantity: 1,
  averagePrice: 2450.05,
  lastPrice: null,
};

const READERS: readonly (readonly [string, Readonly<Record<string, unknown>>, (fields: object) => unknown])[] = [
  ['order', ORDER, storedOrder],
  ['trade', TRADE, storedTrade],
  ['position', POSITION, (fields) => storedPositions([fields])[0]],
  ['holding', HOLDING, (fields) => storedHoldings([fields])[0]],
];

test.each(READERS)('a stored %s comes back as it was written, and nothing beside it', (_what, written, read) => {
  expect(read({ ...written, extra: 1 })).toStrictEqual(written);
});

test.each(READERS)(
  'a stored %s in which one field is something else is refused by the name of the field',
  (_what, written, read) => {
    for (const field of Object.keys(written)) {
      for (const wrong of [true, {}, undefined]) {
        const failed = { code: 'ALGO_STORE_FAILED', message: expect.stringContaining(`column ${field} `) };
        expect(() => read({ ...written, [field]: wrong }), field).toThrow(expect.objectContaining(failed));
      }
    }
  },
);

test('a word that nobody ever wrote is refused, and not repeated', () => {
  for (const field of ['side', 'type', 'product', 'validity', 'status']) {
    expect(() => storedOrder({ ...ORDER, [field]: 'TOSTRING' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('TOSTRING') }),
    );
  }
});

test.each([null, 1, 'text', [], undefined])('%j is no stored record', (value) => {
  for (const read of [storedOrder, storedTrade]) expect(() => read(value)).toThrow(/never wrote/);
  for (const read of [storedPositions, storedHoldings]) {
    expect(() => read([value])).toThrow(/never wrote/);
    if (!Array.isArray(value)) expect(() => read(value)).toThrow(/never wrote/);
  }
});
