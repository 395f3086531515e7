import { isAlgoError } from '@algo/core/adapter';
import type { Position } from '@algo/core/adapter';
import { expect, test } from 'vitest';
import {
  fixture,
  fixtureFields,
  fixtureRows,
  lookupOf,
  recordingLogger,
  sampleListings,
} from '../../../test/support/account.js';
import { fromHoldings, fromLimits, fromMargin, fromPositions } from './portfolio.js';
import type { Reading } from './reading.js';

const reading: Reading = { instruments: lookupOf(sampleListings()), logger: recordingLogger() };

/** By the field list of the documentation; there is no recorded row. */
const POSITION = {
  actId: 'AB1CD',
  exSeg: 'nse_fo',
  trdSym: 'NIFTY26DECFUT',
  sym: 'NIFTY',
  tok: '900101',
  prod: 'NRML',
  cfBuyQty: '65',
  cfSellQty: '0',
  cfBuyAmt: '1690000.00',
  cfSellAmt: '0.00',
  flBuyQty: '65',
  flSellQty: '195',
  buyAmt: '1696500.00',
  sellAmt: '5089500.00',
  lotSz: '65',
  multiplier: '1',
  precision: '2',
  genNum: '1',
  genDen: '1',
  prcNum: '1',
  prcDen: '1',
  brdLtQty: 65,
};

const positionFrom = (change: object = {}): Position | undefined =>
  fromPositions([{ ...POSITION, ...change }], reading)[0];

const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    return isAlgoError(error) ? error.code : String(error);
  }
  return 'none';
};

test('a position is what was carried and what was traded, and its sign tells the direction', () => {
  expect(positionFrom()).toEqual({
    instrument: 'NFO:NIFTY:2026-12-29:FUT',
    symbol: 'NIFTY26DECFUT',
    product: 'NRML',
    quantity: -65,
    boughtQuantity: 130,
    soldQuantity: 195,
    averageBuyPrice: 26_050,
    averageSellPrice: 26_100,
    realizedProfit: 6_500,
    unrealizedProfit: 0,
  });
});

test('averages follow the price factors and the precision, and nothing bought has none', () => {
  const factors = { multiplier: '100', genNum: '1', genDen: '10', prcNum: '2', prcDen: '4' };
  expect(positionFrom(factors)?.averageBuyPrice).toBe(5_210);
  expect(positionFrom({ buyAmt: '1696500.33', precision: '4' })?.averageBuyPrice).toBe(26_050.0025);
  expect(positionFrom({ precision: 'NA', multiplier: '-1', genDen: '0', prcDen: '' })?.averageBuyPrice).toBe(26_050);
  const short = positionFrom({ cfBuyQty: '0', flBuyQty: '0', cfBuyAmt: '0.00', buyAmt: '0.00' });
  expect(short).toMatchObject({ quantity: -195, averageBuyPrice: 0, realizedProfit: 0 });
});

test('a position is found by its trading symbol where the token is blank', () => {
  expect(positionFrom({ tok: '' })?.instrument).toBe('NFO:NIFTY:2026-12-29:FUT');
  expect(positionFrom({ tok: '', trdSym: '' })).toMatchObject({ instrument: null, symbol: '' });
  expect(positionFrom({ tok: '7', prod: 'CO' })).toMatchObject({
    instrument: null,
    symbol: 'NIFTY26DECFUT',
    product: null,
  });
});

test.each([{ flBuyQty: 'x' }, { flSellQty: '-1' }, { cfBuyQty: '' }, { sellAmt: null }, { exSeg: 1 }])(
  'a position with %j fails the reading: it must not vanish',
  (change) => {
    expect(codeOf(() => positionFrom(change))).toBe('ALGO_REPLY_UNREADABLE');
  },
);

test('the holdings of the documentation, value by value', () => {
  expect(fromHoldings(fixtureRows('holdings_200.json'), reading)).toEqual([
    {
      instrument: 'NSE:IDEA',
      symbol: 'IDEA',
      isin: 'INE669E01016',
      quantity: 35,
      availableQuantity: 35,
      pledgedQuantity: 0,
      averagePrice: 9.5699,
      lastPrice: null,
    },
  ]);
});

test('a holding that the master does not list is shown by its symbol', () => {
  const [row] = fixtureRows('holdings_200.json');
  expect(fromHoldings([{ ...row, exchangeIdentifier: '424242' }], reading)).toMatchObject([
    { instrument: null, symbol: 'IDEA', isin: null },
  ]);
  expect(fromHoldings([{ ...row, exchangeSegment: null, displaySymbol: '' }], reading)).toMatchObject([
    { instrument: null, symbol: 'IDEA' },
  ]);
  expect(codeOf(() => fromHoldings([{ ...row, sellableQuantity: undefined }], reading))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeOf(() => fromHoldings({}, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

test('funds are the limits, floats printed whole included', () => {
  expect(fromLimits(fixture('limits_200.json'))).toEqual({
    available: 19.4099999999,
    used: 18.78,
    collateral: 38.19,
    withdrawable: 0,
    openingBalance: 0,
  });
  const limits = fixtureFields('limits_200.json');
  expect(fromLimits({ ...limits, Net: -12.5 }).available).toBe(-12.5);
  expect(codeOf(() => fromLimits({ ...limits, Net: '' }))).toBe('ALGO_REPLY_UNREADABLE');
});

test('the margin of an order is what it adds', () => {
  expect(fromMargin(fixture('margin_200.json'))).toEqual({ required: 15.5, available: null });
  expect(codeOf(() => fromMargin({}))).toBe('ALGO_REPLY_UNREADABLE');
});
