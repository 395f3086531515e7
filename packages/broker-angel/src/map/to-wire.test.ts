import type { Listing, MarginRequest, ModifyCommand, OrderType, PlaceCommand } from '@algo/core/adapter';
import { describe, expect, test } from 'vitest';
import { fixtureRow, listingNamed, NOW_MS, thrownBy } from '../../test/support/account.js';
import {
  checkedOrderId,
  checkedTag,
  toCancelOrderBody,
  toCandleBodies,
  toMarginBody,
  toModifyOrderBody,
  toPlaceOrderBody,
  toQuoteBody,
} from './to-wire.js';

const careful = { marketOrders: false, scripConsent: false };
const bold = { marketOrders: true, scripConsent: true };
const sbin = listingNamed('NSE:SBIN');
const future = listingNamed('NFO:NIFTY:2026-07-28:FUT');

const place: PlaceCommand = {
  tag: 'ABCDEFGHIJKLM23',
  listing: sbin,
  side: 'BUY',
  quantity: 1,
  type: 'LIMIT',
  price: 195_000_000,
  triggerPrice: null,
  product: 'MIS',
  validity: 'DAY',
};
const modify: ModifyCommand = { ...place, brokerOrderId: '201020000000080', order: place };

test('a place has the fields of the docs, and our tag whole', () => {
  expect(JSON.parse(JSON.stringify(toPlaceOrderBody(place, careful)))).toEqual({
    ...fixtureRow('order_place_request.json'),
    triggerprice: '0',
    ordertag: 'ABCDEFGHIJKLM23',
  });
});

test('a modify has the fields of the docs', () => {
  expect(toModifyOrderBody({ ...modify, price: 1_940_000 }, careful)).toEqual({
    ...fixtureRow('order_modify_request.json'),
    price: '194',
    triggerprice: '0',
  });
});

test('a cancel has the fields of the docs', () => {
  expect(toCancelOrderBody('201020000000080', 'NORMAL')).toEqual(fixtureRow('order_cancel_request.json'));
});

test.each<[OrderType, string, string, string, string]>([
  ['LIMIT', 'LIMIT', 'NORMAL', '195.05', '0'],
  ['SL', 'STOPLOSS_LIMIT', 'STOPLOSS', '195.05', '194.9'],
  ['MARKET', 'MARKET', 'NORMAL', '0', '0'],
  ['SL-M', 'STOPLOSS_MARKET', 'STOPLOSS', '0', '194.9'],
])('%s goes out as %s with variety %s', (type, ordertype, variety, price, triggerprice) => {
  const prices = { type, price: 1_950_500, triggerPrice: 1_949_000 };
  const order = { ...place, type };
  const expected = { ordertype, variety, price, triggerprice };
  expect(toPlaceOrderBody({ ...place, ...prices }, bold)).toMatchObject(expected);
  expect(toModifyOrderBody({ ...modify, ...prices, order }, bold)).toMatchObject(expected);
});

test.each(['MARKET', 'SL-M'] as const)('%s is refused unless the host lets it go out', (type) => {
  const command = { ...place, type, price: null, triggerPrice: 1_949_000 };
  expect(thrownBy(() => toPlaceOrderBody(command, careful))).toBe('ALGO_NOT_SUPPORTED');
  expect(thrownBy(() => toModifyOrderBody({ ...modify, ...command, order: command }, careful))).toBe(
    'ALGO_NOT_SUPPORTED',
  );
  expect(thrownBy(() => toMarginBody(command, careful))).toBe('ALGO_NOT_SUPPORTED');
});

test('IOC is refused whatever the host says', () => {
  expect(thrownBy(() => toPlaceOrderBody({ ...place, validity: 'IOC' }, bold))).toBe('ALGO_NOT_SUPPORTED');
  expect(thrownBy(() => toModifyOrderBody({ ...modify, validity: 'IOC' }, bold))).toBe('ALGO_NOT_SUPPORTED');
});

test.each<[OrderType, OrderType]>([
  ['LIMIT', 'SL'],
  ['SL', 'LIMIT'],
  ['SL-M', 'MARKET'],
])('a change from %s to %s is refused: the variety would have to be two at once', (before, after) => {
  const command = { ...modify, type: after, triggerPrice: 1_940_000, order: { ...place, type: before } };
  expect(thrownBy(() => toModifyOrderBody(command, bold))).toBe('ALGO_NOT_SUPPORTED');
});

test('a change within one variety goes out', () => {
  const command = { ...modify, type: 'MARKET', price: null } as const;
  expect(toModifyOrderBody(command, bold)).toMatchObject({ variety: 'NORMAL', ordertype: 'MARKET', price: '0' });
});

test.each([
  ['CNC', 'DELIVERY'],
  ['MIS', 'INTRADAY'],
  ['NRML', 'CARRYFORWARD'],
  ['MTF', 'MARGIN'],
] as const)('product %s is %s', (product, producttype) => {
  expect(toPlaceOrderBody({ ...place, product }, careful).producttype).toBe(producttype);
});

test('the consent goes out only where the host gave it', () => {
  expect(JSON.stringify(toPlaceOrderBody(place, careful))).not.toContain('scripconsent');
  expect(toPlaceOrderBody(place, bold).scripconsent).toBe('yes');
});

test('quantities of derivatives are units', () => {
  expect(toPlaceOrderBody({ ...place, listing: future, quantity: 130 }, careful)).toMatchObject({
    quantity: '130',
    exchange: 'NFO',
    symboltoken: '61093',
    tradingsymbol: 'NIFTY28JUL26FUT',
  });
});

test.each([
  ['', 'ALGO_INVALID_INPUT'],
  ['A'.repeat(16), 'ALGO_INVALID_INPUT'],
  ['abc', 'ALGO_INVALID_INPUT'],
  ['A-1', 'ALGO_INVALID_INPUT'],
  ['A'.repeat(15), 'none'],
  ['Z9', 'none'],
])('the tag %j: %s', (tag, code) => {
  expect(thrownBy(() => checkedTag(tag))).toBe(code);
  expect(thrownBy(() => toPlaceOrderBody({ ...place, tag }, careful))).toBe(code);
});

test.each(['', '../x', 'a b', '1'.repeat(65)])('%j is no order id', (id) => {
  expect(thrownBy(() => checkedOrderId(id))).toBe('ALGO_INVALID_INPUT');
});

describe('prices', () => {
  test.each<[number | null, string]>([
    [null, 'ALGO_PRICE_NOT_ALLOWED'],
    [0, 'ALGO_PRICE_NOT_ALLOWED'],
    [-500, 'ALGO_PRICE_NOT_ALLOWED'],
    [Number.NaN, 'ALGO_PRICE_NOT_ALLOWED'],
    [500, 'none'],
  ])('of %s: %s', (price, code) => {
    expect(thrownBy(() => toPlaceOrderBody({ ...place, price }, careful))).toBe(code);
    expect(thrownBy(() => toPlaceOrderBody({ ...place, type: 'SL', price: 500, triggerPrice: price }, careful))).toBe(
      code,
    );
  });

  test.each([
    [25, '0.0025'],
    [500, '0.05'],
    [13_901_500, '1390.15'],
    [999_999_999_500, '99999999.95'],
  ])('%s ten-thousandths are %s rupees', (price, printed) => {
    expect(toPlaceOrderBody({ ...place, price }, careful).price).toBe(printed);
  });
});

test('an index takes no orders', () => {
  const index = listingNamed('NSE:INDEX:NIFTY');
  expect(thrownBy(() => toPlaceOrderBody({ ...place, listing: index }, careful))).toBe('ALGO_NOT_SUPPORTED');
  expect(thrownBy(() => toMarginBody({ ...place, listing: index }, careful))).toBe('ALGO_NOT_SUPPORTED');
});

test('margin is asked with numbers', () => {
  const order: MarginRequest = { ...place, listing: future, quantity: 65, type: 'SL', triggerPrice: 1_940_000 };
  expect(toMarginBody(order, careful)).toEqual({
    positions: [
      {
        exchange: 'NFO',
        qty: 65,
        price: 19_500,
        productType: 'INTRADAY',
        token: '61093',
        tradeType: 'BUY',
        orderType: 'STOPLOSS_LIMIT',
      },
    ],
  });
  expect(toMarginBody({ ...order, type: 'MARKET', price: null }, bold).positions[0]?.price).toBe(0);
});

test('quotes are asked by exchange', () => {
  expect(toQuoteBody([sbin, future, listingNamed('NSE:INDEX:NIFTY')], 'LTP')).toEqual({
    mode: 'LTP',
    exchangeTokens: { NSE: ['3045', '99926000'], NFO: ['61093'] },
  });
});

const DAY_MS = 86_400_000;
const candles = (interval: '1m' | '1d' | '2m', days: number): ReturnType<typeof toCandleBodies> =>
  toCandleBodies(sbin, { instrument: 'NSE:SBIN', interval, fromMs: NOW_MS - days * DAY_MS, toMs: NOW_MS });

test('candles are asked in IST, to the minute', () => {
  expect(candles('1m', 1)).toEqual([
    {
      exchange: 'NSE',
      symboltoken: '3045',
      interval: 'ONE_MINUTE',
      fromdate: '2026-11-19 10:00',
      todate: '2026-11-20 10:00',
    },
  ]);
});

test('a long stretch is asked in parts that stay within what one call takes, without a gap', () => {
  const parts = candles('1m', 60);
  expect(parts).toHaveLength(3);
  expect(parts.slice(1).map(({ fromdate }) => fromdate)).toEqual(parts.slice(0, -1).map(({ todate }) => todate));
  expect(candles('1d', 1_999)).toHaveLength(1);
  expect(candles('1m', 0)).toEqual([]);
});

test('an interval that Angel lacks is refused', () => {
  expect(thrownBy(() => candles('2m', 1))).toBe('ALGO_NOT_SUPPORTED');
});

test('what the host leaves unsaid about units stops the order', () => {
  const gold: Listing = listingNamed('MCX:GOLD:2026-08-05:FUT');
  expect(thrownBy(() => toPlaceOrderBody({ ...place, listing: gold }, bold))).toBe('ALGO_QUANTITY_UNIT_UNKNOWN');
});
