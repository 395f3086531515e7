import { describe, expect, onTestFinished, test } from 'vitest';
import { limitBuy, rowOf, rowsOf, send, started } from './support.js';

/** What the two official clients put on the wire, as listed in their sources: DhanHQ-py 2.2.0 and `dhanhq` 1.0.6. */

describe('the Python client', () => {
  const headersOf = (accessToken: string) => ({
    'access-token': accessToken,
    'client-id': '1000000001',
    'Content-type': 'application/json',
    Accept: 'application/json',
  });

  test('places with floats, nulls and keys of its own', async () => {
    const { simulator } = await started(onTestFinished);
    const { accessToken } = simulator.dhan.credentials;
    const body = {
      ...limitBuy('1000000001'),
      transactionType: 'BUY',
      disclosedQuantity: 0,
      price: 1390.0,
      triggerPrice: 0.0,
      afterMarketOrder: false,
      boProfitValue: null,
      boStopLossValue: null,
      tag: 'unknown to the API',
    };
    const url = `${simulator.dhan.baseUrl}/orders`;
    const reply = await send({ method: 'POST', url, headers: headersOf(accessToken), body: JSON.stringify(body) });
    expect(reply.status).toBe(200);
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('asks for trades with a slash at the end and for a profile without client-id', async () => {
    const { simulator } = await started(onTestFinished);
    const { accessToken } = simulator.dhan.credentials;
    const { baseUrl } = simulator.dhan;
    const trades = await send({ url: `${baseUrl}/trades/`, headers: headersOf(accessToken) });
    expect([trades.status, trades.text]).toEqual([200, '[]']);
    const headers = { 'access-token': accessToken, dhanClientId: '1000000001' };
    expect((await send({ url: `${baseUrl}/profile`, headers })).status).toBe(200);
  });

  test('sends its client id in data bodies and integers for interval and expiry code', async () => {
    const { simulator } = await started(onTestFinished);
    const headers = headersOf(simulator.dhan.credentials.accessToken);
    const chart = {
      securityId: '2885',
      exchangeSegment: 'NSE_EQ',
      instrument: 'EQUITY',
      interval: 15,
      oi: false,
      fromDate: '2026-11-19 09:14:00',
      toDate: '2026-11-19 15:30:00',
      dhanClientId: '1000000001',
    };
    const url = `${simulator.dhan.baseUrl}/charts/intraday`;
    const reply = await send({ method: 'POST', url, headers, body: JSON.stringify(chart) });
    expect(rowOf(JSON.parse(reply.text))['open']).toHaveLength(25);
  });
});

describe('the JS client', () => {
  const call = async (origin: string, method: string, path: string, accessToken: string, body?: unknown) => {
    const headers = { 'Content-Type': 'application/json', 'access-token': accessToken };
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await send({ method, url: `${origin}/${path}`, headers, ...text });
    return { status: reply.status, json: JSON.parse(reply.text) as unknown };
  };

  test('starts every path with two slashes and no version', async () => {
    const { simulator } = await started(onTestFinished);
    const { authUrl: origin, credentials } = simulator.dhan;
    const token = credentials.accessToken;
    const placed = await call(origin, 'POST', '/orders', token, { ...limitBuy('1000000001'), correlationId: 'js' });
    const orderId = String(rowOf(placed.json)['orderId']);
    expect(rowsOf((await call(origin, 'GET', '/orders', token)).json)).toHaveLength(1);
    expect(rowsOf((await call(origin, 'GET', `/orders/${orderId}`, token)).json)).toHaveLength(1);
    expect(rowsOf((await call(origin, 'GET', '/orders/external/js', token)).json)).toHaveLength(1);
    expect((await call(origin, 'GET', '/trades', token)).json).toEqual([]);
    expect((await call(origin, 'GET', '/positions', token)).json).toEqual([]);
    expect((await call(origin, 'GET', '/fundlimit', token)).status).toBe(200);
    expect((await call(origin, 'DELETE', `/orders/${orderId}`, token)).status).toBe(202);
    expect(simulator.received('placeOrder')[0]?.path).toBe('//orders');
  });

  test('asks for candles by symbol', async () => {
    const { simulator } = await started(onTestFinished);
    const { authUrl: origin, credentials } = simulator.dhan;
    const ask = { symbol: 'TCS', exchangeSegment: 'NSE_EQ', instrument: 'EQUITY', expiryCode: 0 };
    const dates = { fromDate: '2026-11-16', toDate: '2026-11-20' };
    const { json } = await call(origin, 'POST', '/charts/historical', credentials.accessToken, { ...ask, ...dates });
    expect(rowOf(json)['close']).toHaveLength(4);
  });
});

test('serves a repeated version and repeated slashes anywhere', async () => {
  const { simulator } = await started(onTestFinished);
  const headers = { 'access-token': simulator.dhan.credentials.accessToken };
  for (const path of ['/v2/v2/orders', '/v2//orders/', '///v2/orders', '/orders']) {
    expect((await send({ url: simulator.dhan.authUrl + path, headers })).status, path).toBe(200);
  }
});
