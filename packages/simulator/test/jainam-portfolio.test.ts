import { expect, onTestFinished, test } from 'vitest';
import type { JainamOptions } from '../src/index.js';
import { loggedIn, resultOf, startedJainam, verdictOf } from './jainam-support.js';
import type { XtsClient } from './jainam-support.js';
import { rowOf, rowsOf, steppingClock } from './support.js';

const FUTURE = { exchangeSegment: 'NSEFO', exchangeInstrumentID: 900001, productType: 'NRML', orderQuantity: 65 };

const positionsOf = async (client: XtsClient, dayOrNet = 'NetWise') =>
  rowsOf(rowOf(resultOf(await client.call('GET', `/portfolio/positions?dayOrNet=${dayOrNet}`)))['positionList']);

test('gives one trade row per fill: the order’s row and the execution after it', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  expect(verdictOf(await client.call('GET', '/orders/trades'))).toEqual([400, 'e-tradebook-0005']);
  const id = await client.placed();
  simulator.exchange.fill(id, 4, 1390);
  simulator.exchange.fill(id, 6, 1389);
  const rows = rowsOf(resultOf(await client.call('GET', '/orders/trades?clientID=undefined')));
  expect(rows.map((row) => [row['LastTradedQuantity'], row['LastTradedPrice'], row['ExecutionID']])).toEqual([
    [4, 1390, '1'],
    [6, 1389, '2'],
  ]);
  const [orderKeys, tradeKeys] = [await client.row(id), rows[0] ?? {}].map((row) => Object.keys(row));
  expect(tradeKeys?.slice(0, orderKeys?.length)).toEqual(orderKeys);
  expect(rows[0]?.['LastExecutionTransactTime']).toMatch(/^2026-11-20T10:00:\d{2}$/);
});

test('gives positions with every number as text, commas in the amounts and a small d in the id', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  expect(verdictOf(await client.call('GET', '/portfolio/positions?dayOrNet=NetWise'))).toEqual([
    400,
    'e-portfolio-0005',
  ]);
  expect((await client.call('GET', '/portfolio/positions')).status).toBe(400);
  await client.place({ ...FUTURE, orderType: 'MARKET' });
  simulator.exchange.setLastPrice('NSE_FNO:900001', 26_100);
  const [row] = await positionsOf(client);
  expect(row).toMatchObject({
    AccountID: 'A1000001',
    ExchangeSegment: 'NSEFO',
    ExchangeInstrumentId: '900001',
    TradingSymbol: 'NIFTY 29DEC2026',
    ProductType: 'NRML',
    Quantity: '65',
    OpenBuyQuantity: '65',
    OpenSellQuantity: '0',
    BuyAveragePrice: '26,000.00',
    SellAveragePrice: '0.00',
    BuyAmount: '1,690,000.00',
    UnrealizedMTM: '6,500.00',
    RealizedMTM: '0.00',
    MTM: '6,500.00',
  });
  await client.place({ ...FUTURE, orderType: 'MARKET', orderSide: 'SELL' });
  expect((await positionsOf(client))[0]).toMatchObject({ Quantity: '0', RealizedMTM: '6,500.00' });
});

test('names position fields as the older model does when told so', async () => {
  const { client } = await startedJainam(onTestFinished, { positionRows: 'older' });
  await client.place({ orderType: 'MARKET' });
  const [row] = await positionsOf(client);
  expect(row).toMatchObject({
    ExchangeInstrumentID: '2885',
    NetPosition: '10',
    LongPosition: '10',
    ShortPosition: '0',
  });
  expect(row).not.toHaveProperty('ExchangeInstrumentId');
});

test('tells what was carried from what was done today', async () => {
  const clock = steppingClock();
  const { simulator, client } = await startedJainam(onTestFinished, {}, { clock });
  await client.place({ ...FUTURE, orderType: 'MARKET' });
  expect(await positionsOf(client, 'DayWise')).toHaveLength(1);
  clock.setTo('2026-11-23T10:00:00+05:30');
  const monday = await loggedIn(simulator);
  expect(await positionsOf(monday, 'NetWise')).toHaveLength(1);
  expect(verdictOf(await monday.call('GET', '/portfolio/positions?dayOrNet=DayWise'))).toEqual([
    400,
    'e-portfolio-0005',
  ]);
});

const HOLDER: JainamOptions = {
  account: {
    clientId: 'H1',
    holdings: [
      { instrument: 'NSE_EQ:2885', quantity: 30, averagePrice: 1200 },
      { instrument: 'BSE_EQ:500325', quantity: 10, averagePrice: 1000 },
      { instrument: 'GOLDBEES', quantity: 5, averagePrice: 80 },
    ],
  },
};

test('gives holdings by ISIN, both exchanges’ numbers in one row', async () => {
  const { client } = await startedJainam(onTestFinished, HOLDER);
  const holdings = rowOf(
    rowOf(rowOf(resultOf(await client.call('GET', '/portfolio/holdings')))['RMSHoldings'])['Holdings'],
  );
  expect(holdings['INE002A01018']).toEqual({
    ISIN: 'INE002A01018',
    ClientId: 'H1',
    ExchangeNSEInstrumentId: 2885,
    ExchangeBSEInstrumentId: 500325,
    HoldingQuantity: 40,
    CollateralQuantity: 0,
    PledgeQuantity: 0,
    BuyAvgPrice: 1150,
  });
  expect(Object.values(holdings).map(rowOf)[1]).toMatchObject({ ExchangeBSEInstrumentId: 0, HoldingQuantity: 5 });
});

test('gives holdings as a list when told so, and none as an error', async () => {
  const list = await startedJainam(onTestFinished, { ...HOLDER, holdingRows: 'list' });
  const result = rowOf(resultOf(await list.client.call('GET', '/portfolio/holdings')));
  expect(rowsOf(result['RMSHoldingList'])).toHaveLength(1);
  const none = await startedJainam(onTestFinished);
  expect(verdictOf(await none.client.call('GET', '/portfolio/holdings'))).toEqual([400, 'e-holdings-0005']);
});

test('gives the balance in a mix of numbers, text and "NaN"', async () => {
  const { client } = await startedJainam(onTestFinished);
  const limitsOf = async () => {
    const [first] = rowsOf(rowOf(resultOf(await client.call('GET', '/user/balance')))['BalanceList']);
    return rowOf(rowOf(first?.['limitObject'])['RMSSubLimits']);
  };
  await client.place();
  expect(await limitsOf()).toEqual({
    cashAvailable: 1_000_000,
    collateral: 0,
    marginUtilized: '2780',
    netMarginAvailable: '997220',
    MTM: '0',
    UnrealizedMTM: 'NaN',
    RealizedMTM: '0',
  });
  await client.place({ orderType: 'MARKET' });
  expect(await limitsOf()).toMatchObject({ UnrealizedMTM: '0' });
});

test('has no margin call unless told so', async () => {
  const order = { exchange: 1, exchangeInstrumentId: 2885, productType: 'MIS', orderType: 'LIMIT', orderSide: 'BUY' };
  const portfolio = [{ ...order, quantity: 10, price: 1400, stopPrice: 0, orderSessionType: 1 }];
  const served = await startedJainam(onTestFinished, { margin: 'served' });
  const reply = await served.client.call('POST', '/orders/margindetails', { portfolio });
  expect(rowOf(reply.json)['code']).toBe('s-calculatemargin-0001');
  expect(rowOf(resultOf(reply))['brokerageDeatils']).toEqual({
    IsValid: true,
    MarginRequired: 2_800,
    MarginAvailable: 1_000_000,
    MarginShortfall: 0,
    ErrorMessage: '',
  });
  expect((await served.client.call('POST', '/orders/margindetails', { portfolio: [{}] })).status).toBe(400);
  const absent = await startedJainam(onTestFinished);
  await expect(absent.client.call('POST', '/orders/margindetails', { portfolio })).rejects.toThrow(/JSON/); // a page
});

test('squares a position off, in units or in part, and cancels what is in the way', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  await client.place({ ...FUTURE, orderQuantity: 130, orderType: 'MARKET' });
  await client.place({ ...FUTURE, limitPrice: 25_000 });
  const ask = { exchangeSegment: 'NSEFO', exchangeInstrumentID: 900001, productType: 'NRML', squareoffMode: 'Netwise' };
  const squareOff = async (changes: Readonly<Record<string, unknown>>) =>
    verdictOf(await client.call('PUT', '/portfolio/squareoff', { ...ask, blockOrderSending: false, ...changes }));
  const half = { positionSquareOffQuantityType: 'Percentage', squareOffQtyValue: 50, cancelOrders: true };
  expect(await squareOff(half)).toEqual([200, 's-orders-0001']);
  const rest = { positionSquareOffQuantityType: 'ExactQty', squareOffQtyValue: 65, cancelOrders: false };
  expect(await squareOff({ ...rest, squareOffQtyValue: 130 })).toEqual([400, 'e-portfolio-0101']);
  expect(await squareOff(rest)).toEqual([200, 's-orders-0001']);
  expect(await squareOff(rest)).toEqual([400, 'e-portfolio-0101']);
  expect((await positionsOf(client))[0]).toMatchObject({ Quantity: '0' });
  expect(simulator.exchange.orders().map(({ status }) => status)).toEqual(['filled', 'cancelled', 'filled', 'filled']);
});

test('converts no positions, in its own envelope', async () => {
  const { client } = await startedJainam(onTestFinished);
  expect(verdictOf(await client.call('PUT', '/portfolio/positions/convert', {}))).toEqual([400, 'e-portfolio-0102']);
});

test('gives dealers their clients’ trades and positions on paths of their own', async () => {
  const account = { clientId: 'D1', dealer: true, clientCodes: ['C1'] };
  const { client } = await startedJainam(onTestFinished, { account });
  await client.place({ clientID: 'C1', orderType: 'MARKET' });
  expect(verdictOf(await client.call('GET', '/orders/trades?clientID=C1'))).toEqual([400, 'e-user-0103']);
  const trades = rowsOf(resultOf(await client.call('GET', '/orders/dealertradebook?clientID=C1')));
  expect(trades[0]).toMatchObject({ LoginID: 'D1', ClientID: 'C1', LastTradedQuantity: 10 });
  const path = '/portfolio/dealerpositions?dayOrNet=NetWise&clientID=C1';
  const positions = rowsOf(rowOf(resultOf(await client.call('GET', path)))['positionList']);
  expect(positions[0]).toMatchObject({ AccountID: 'C1', Quantity: '10' });
});
