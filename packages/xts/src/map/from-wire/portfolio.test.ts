import { expect, test } from 'vitest';
import { codeNow, reader, readingWith, session, tradingSession } from '../../../test/support/account.js';
import { clockOffsetMs, fromProfile, claimTimeMs } from './account.js';
import { fromFunds, fromHoldings, fromPositions } from './portfolio.js';

const reading = readingWith();

/** Field names of the docs; no positions were ever recorded. */
const position = {
  AccountID: 'CLIENT01',
  TradingSymbol: 'RELIANCE',
  ExchangeSegment: 'NSECM',
  ExchangeInstrumentId: '2885',
  ProductType: 'MIS',
  Quantity: '40',
  BuyAveragePrice: '1,288.50',
  SellAveragePrice: '0',
  OpenBuyQuantity: '40',
  OpenSellQuantity: '0',
  RealizedMTM: '0.00',
  UnrealizedMTM: '-1,20,000.50',
};
const listOf = (...rows: readonly unknown[]): unknown => ({ positionList: rows });

test('a position, value by value: amounts are text with thousands commas', () => {
  expect(fromPositions(listOf(position), reading)).toEqual([
    {
      instrument: 'NSE:RELIANCE',
      symbol: 'RELIANCE',
      product: 'MIS',
      quantity: 40,
      boughtQuantity: 40,
      soldQuantity: 0,
      averageBuyPrice: 1288.5,
      averageSellPrice: 0,
      realizedProfit: 0,
      unrealizedProfit: -120_000.5,
    },
  ]);
});

test('a short position is negative', () => {
  const short = { ...position, Quantity: '-40', OpenBuyQuantity: '0', OpenSellQuantity: '40' };
  expect(fromPositions(listOf(short), reading)[0]).toMatchObject({ quantity: -40, soldQuantity: 40 });
});

test('the names of an older server read the same', () => {
  const older = {
    ExchangeSegment: 'NSECM',
    ExchangeInstrumentID: 2885,
    ProductType: 'MIS',
    NetPosition: '-10',
    LongPosition: '10',
    ShortPosition: '20',
    BuyValue: '12,885',
    SellValue: '25,800',
  };
  expect(fromPositions(listOf(older), reading)[0]).toMatchObject({
    instrument: 'NSE:RELIANCE',
    symbol: 'RELIANCE-EQ',
    quantity: -10,
    boughtQuantity: 10,
    soldQuantity: 20,
    averageBuyPrice: 1288.5,
    averageSellPrice: 1290,
    realizedProfit: 0,
  });
});

test('money that is NaN does not hide a position', () => {
  const unsure = { ...position, UnrealizedMTM: 'NaN', BuyAveragePrice: 'NaN' };
  expect(fromPositions(listOf(unsure), reading)[0]).toMatchObject({
    quantity: 40,
    unrealizedProfit: 0,
    averageBuyPrice: 0,
  });
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['no quantity', { Quantity: undefined }],
  ['a quantity of NaN', { Quantity: 'NaN' }],
  ['half a share', { Quantity: '0.5' }],
  ['two quantities that differ', { NetPosition: '-40' }],
  ['no id', { ExchangeInstrumentId: '' }],
  ['no segment', { ExchangeSegment: null }],
  ['an amount that is no number', { RealizedMTM: 'x' }],
])('a position with %s fails the reading', (_what, change) => {
  expect(codeNow(() => fromPositions(listOf(position, { ...position, ...change }), reading))).toBe(
    'ALGO_REPLY_UNREADABLE',
  );
});

test('positions of another shape are unreadable', () => {
  for (const odd of [[], {}, null, { positionList: {} }, listOf(5)])
    expect(codeNow(() => fromPositions(odd, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

const holding = {
  ExchangeNSEInstrumentId: 2885,
  ExchangeBSEInstrumentId: 500325,
  HoldingQuantity: 25,
  BuyAvgPrice: 1200.5,
  CollateralQuantity: 0,
  PledgeQuantity: 5,
};
const holdings = (byIsin: unknown): unknown => ({ RMSHoldings: { Holdings: byIsin } });

test('a holding, value by value', () => {
  expect(fromHoldings(holdings({ INE002A01018: holding }), reading)).toEqual([
    {
      instrument: 'NSE:RELIANCE',
      symbol: 'RELIANCE-EQ',
      isin: 'INE002A01018',
      quantity: 25,
      availableQuantity: 20,
      pledgedQuantity: 5,
      averagePrice: 1200.5,
      lastPrice: null,
    },
  ]);
});

test('a holding is not taken for another paper, and pledged shares are not for sale', () => {
  expect(fromHoldings(holdings({ INE999A01018: holding }), reading)[0]?.instrument).toBeNull();
  const elsewhere = { ...holding, ExchangeNSEInstrumentId: 0, CollateralQuantity: 30 };
  expect(fromHoldings(holdings({ INE002A01018: elsewhere }), reading)[0]).toMatchObject({
    instrument: null,
    symbol: '',
    availableQuantity: 0,
    pledgedQuantity: 35,
  });
});

test('the list of an older server, and no holdings at all', () => {
  for (const item of [{ ISIN: 'INE002A01018', ...holding }, { Holdings: { INE002A01018: holding } }])
    expect(fromHoldings({ RMSHoldingList: [item] }, reading)[0]?.instrument).toBe('NSE:RELIANCE');
  expect(fromHoldings({ RMSHoldingList: [] }, reading)).toEqual([]);
  expect(fromHoldings(holdings({}), reading)).toEqual([]);
  expect(fromHoldings(holdings(null), reading)).toEqual([]);
});

test('holdings that cannot be read fail the reading', () => {
  for (const odd of [{}, null, holdings(5), holdings({ A: 5 }), holdings({ A: { ...holding, HoldingQuantity: null } })])
    expect(codeNow(() => fromHoldings(odd, reading))).toBe('ALGO_REPLY_UNREADABLE');
});

const balance = (limits: unknown): unknown => ({
  BalanceList: [{ limitHeader: 'ALL|ALL|ALL', limitObject: { RMSSubLimits: limits } }],
});
const limits = {
  cashAvailable: 100_000,
  collateral: '5,000',
  marginUtilized: '20000',
  netMarginAvailable: '85,000.25',
  MTM: 'NaN',
};

test('funds, value by value', () => {
  expect(fromFunds(reader, balance(limits))).toEqual({
    available: 85_000.25,
    used: 20_000,
    collateral: 5_000,
    withdrawable: 85_000.25,
    openingBalance: 100_000,
  });
  expect(fromFunds(reader, balance({ ...limits, netMarginAvailable: -5 })).withdrawable).toBe(0);
});

test('money that is NaN is no balance', () => {
  for (const name of ['cashAvailable', 'marginUtilized', 'netMarginAvailable'])
    expect(codeNow(() => fromFunds(reader, balance({ ...limits, [name]: 'NaN' })))).toBe('ALGO_REPLY_UNREADABLE');
  expect(codeNow(() => fromFunds(reader, { BalanceList: [] }))).toBe('ALGO_REPLY_UNREADABLE');
});

test('a profile says whose account it is and nothing private', () => {
  const body = {
    ClientId: 'client01',
    ClientName: 'A. Trader',
    PAN: 'ABCDE1234F',
    MobileNo: '9999999999',
    ClientExchangeDetailsList: { NSECM: { Enabled: true }, NSEFO: { Enabled: false }, BSECM: {} },
  };
  const profile = fromProfile(reader, body, session);
  expect(profile).toEqual({
    clientId: 'CLIENT01',
    name: 'A. Trader',
    sessionEndsAtMs: session.expiresAtMs,
    segments: ['NSECM', 'BSECM'],
    dataPlanActive: true,
  });
  expect(fromProfile(reader, { ClientId: 'OTHER' }, tradingSession)).toMatchObject({
    clientId: 'OTHER',
    segments: [],
    dataPlanActive: null,
  });
  expect(codeNow(() => fromProfile(reader, {}, session))).toBe('ALGO_REPLY_UNREADABLE');
});

test('a token ends when it says, else nobody knows', () => {
  const exp = Date.UTC(2026, 10, 21) / 1_000;
  expect(claimTimeMs(exp)).toBe(exp * 1_000);
  for (const odd of [undefined, 'x', Number.NaN, 0, -1, exp * 1_000, 1e300]) expect(claimTimeMs(odd)).toBeNull();
});

test('clocks that agree within seconds have no offset', () => {
  const now = Date.UTC(2026, 10, 20, 4, 30);
  expect(clockOffsetMs(new Date(now + 60_000).toUTCString(), now)).toBe(60_000);
  expect(clockOffsetMs(new Date(now - 60_000).toUTCString(), now)).toBe(-60_000);
  expect(clockOffsetMs(new Date(now + 5_000).toUTCString(), now)).toBe(0);
  expect(clockOffsetMs('soon', now)).toBe(0);
  expect(clockOffsetMs(null, now)).toBe(0);
});
