import { expect, test } from 'vitest';
import type { Listing } from '../domain/instrument.js';
import { readModifyRequest, readPlaceRequest, writeModifyRequest, writePlaceRequest } from './command-text.js';
import type { CheckedOrder } from './order-check.js';

const listing: Listing = {
  instrument: 'NSE:M&M',
  contract: { kind: 'equity', exchange: 'NSE', symbol: 'M&M', series: null },
  token: '1',
  segment: 'NSE_EQ',
  symbol: 'M&M',
  name: 'M&M',
  isin: null,
  lotSize: 1,
  tick: 500,
  freezeQuantity: null,
  quantityUnit: { kind: 'units' },
};

const order: CheckedOrder = {
  listing,
  side: 'BUY',
  quantity: 10,
  type: 'SL',
  price: 1_027_500,
  triggerPrice: 1_027_025,
  product: 'CNC',
  validity: 'DAY',
};

test('a place reads back as it was asked, in rupees', () => {
  expect(readPlaceRequest(writePlaceRequest(order))).toEqual({
    instrument: 'NSE:M&M',
    side: 'BUY',
    quantity: 10,
    type: 'SL',
    price: 102.75,
    triggerPrice: 102.7025,
    product: 'CNC',
    validity: 'DAY',
  });
});

test('the same order has the same text, and any other order another one', () => {
  const texts = new Set([
    writePlaceRequest(order),
    writePlaceRequest({ ...order, side: 'SELL' }),
    writePlaceRequest({ ...order, quantity: 11 }),
    writePlaceRequest({ ...order, type: 'LIMIT' }),
    writePlaceRequest({ ...order, price: 1_027_525 }),
    writePlaceRequest({ ...order, price: null }),
    writePlaceRequest({ ...order, triggerPrice: null }),
    writePlaceRequest({ ...order, product: 'MIS' }),
    writePlaceRequest({ ...order, validity: 'IOC' }),
    writePlaceRequest({ ...order, listing: { ...listing, instrument: 'NSE:TCS' } }),
  ]);
  expect(texts.size).toBe(10);
  const { side, ...rest } = order;
  expect(writePlaceRequest({ ...rest, side })).toBe(writePlaceRequest(order)); // the order of fields does not count
  expect(writePlaceRequest({ ...order, listing: { ...listing, token: '2', name: 'x' } })).toBe(
    writePlaceRequest(order),
  );
});

test('a modify reads back as it was asked, and nothing more is kept of it', () => {
  const wanted = { quantity: 5, type: 'LIMIT', price: 100.05, triggerPrice: null, validity: 'IOC' } as const;
  expect(readModifyRequest(writeModifyRequest({ ...wanted, extra: 'x' } as typeof wanted))).toEqual(wanted);
});

test.each(['{}', 'null', '[]', '7', '{"quantity":"1"}', '{"quantity":1,"type":"STOP"}'])('%s is no command', (text) => {
  expect(readPlaceRequest(text)).toBeNull();
  expect(readModifyRequest(text)).toBeNull();
});
