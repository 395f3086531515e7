import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../src/index.js';
import type { Simulator } from '../src/index.js';
import { totpAt } from '../src/totp.js';
import { changeOf, limitBuy } from './angel-support.js';
import type { Row } from './support.js';
import { rowOf, rowsOf, steppingClock } from './support.js';

const CHILD = fileURLToPath(new URL('./angel-official-client-child.cjs', import.meta.url));

/** smartapi-javascript 1.0.27 as published, pointed at the simulator; its replies as its caller sees them. */
async function officialClient(simulator: Simulator) {
  const cwd = mkdtempSync(join(tmpdir(), 'smartapi-'));
  const child = fork(CHILD, { cwd, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  onTestFinished(async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
    rmSync(cwd, { recursive: true, force: true });
  });
  const ask = async (message: Row): Promise<unknown> => {
    const answered = once(child, 'message');
    child.send(message);
    const [answer]: unknown[] = await answered;
    return rowOf(answer)['result'];
  };
  await ask({ open: { root: simulator.angel.baseUrl, api_key: simulator.angel.credentials.apiKey } });
  const call = async (method: string, ...args: readonly unknown[]): Promise<Row> =>
    rowOf(await ask({ call: method, args }));
  return {
    call,
    list: async (method: string, ...args: readonly unknown[]) => rowsOf(await ask({ call: method, args })),
    data: async (method: string, ...args: readonly unknown[]) => {
      const reply = await call(method, ...args);
      if (reply['status'] !== true) throw new Error(`${method}: ${JSON.stringify(reply)}`);
      return reply['data'];
    },
  };
}

test('serves a whole day of the official JS client, unchanged', async () => {
  const clock = steppingClock();
  const holdings = [{ instrument: 'TCS', quantity: 5, averagePrice: 3000 }];
  const simulator = await startSimulator({
    clock,
    brokers: ['angel'],
    angel: { account: { clientId: 'A1000001', holdings } },
  });
  onTestFinished(() => simulator.close());
  const { clientCode, mpin, totpSecret, apiKey } = simulator.angel.credentials;
  const client = await officialClient(simulator);

  const session = rowOf(await client.data('generateSession', clientCode, mpin, totpAt(totpSecret, clock.now())));
  expect(await client.data('getProfile')).toMatchObject({ clientcode: clientCode });
  const placed = rowOf(await client.data('placeOrder', { ...limitBuy(), ordertag: 'JS1' }));
  expect(await client.data('getOrderBook')).toMatchObject([{ orderid: placed['orderid'], ordertag: 'JS1' }]);
  await client.data('modifyOrder', changeOf(placed['orderid'], { price: '1391' }));
  expect(await client.data('indOrderDetails', placed['uniqueorderid'])).toMatchObject({ price: 1391 });
  await client.data('cancelOrder', { variety: 'NORMAL', orderid: placed['orderid'] });
  expect(await client.data('indOrderDetails', placed['uniqueorderid'])).toMatchObject({ orderstatus: 'cancelled' });

  await client.data('placeOrder', { ...limitBuy(), price: '1400' });
  expect(await client.data('getTradeBook')).toMatchObject([{ fillsize: '10' }]);
  expect(await client.data('getPosition')).toMatchObject([{ netqty: '10' }]);
  expect(await client.data('getHolding')).toMatchObject([{ tradingsymbol: 'TCS-EQ', quantity: 5 }]);
  expect(await client.data('getAllHolding')).toMatchObject({ totalholding: { totalinvvalue: 15_000 } });
  expect(await client.data('getRMS')).toMatchObject({ utiliseddebits: '2800' });
  const exchangeTokens = { NSE: ['2885'] };
  expect(await client.data('marketData', { mode: 'FULL', exchangeTokens })).toMatchObject({ fetched: [{ ltp: 1400 }] });
  const bars = { exchange: 'NSE', symboltoken: '2885', fromdate: '2026-11-18 09:15', todate: '2026-11-19 15:30' };
  expect(await client.data('getCandleData', { ...bars, interval: 'ONE_HOUR' })).toHaveLength(14);
  expect(await client.data('getOIData', { ...bars, interval: 'ONE_HOUR' })).toHaveLength(14);
  const leg = { exchange: 'NSE', qty: 1, price: 1400, productType: 'DELIVERY', token: '2885', tradeType: 'BUY' };
  expect(await client.data('marginApi', { positions: [leg] })).toMatchObject({ totalMarginRequired: 1_400 });
  const charge = { product_type: 'DELIVERY', transaction_type: 'BUY', quantity: '10', price: '800', exchange: 'NSE' };
  expect(await client.data('estimateCharges', { orders: [charge] })).toMatchObject({ summary: { trade_value: 8_000 } });
  const found = await client.list('searchScrip', { exchange: 'BSE', searchscrip: 'RELIANCE' });
  expect(found).toEqual([{ exchange: 'BSE', tradingsymbol: 'RELIANCE', symboltoken: '500325' }]);

  const renewed = rowOf(await client.data('generateToken', session['refreshToken']));
  expect(renewed['jwtToken']).not.toBe(session['jwtToken']);
  expect(await client.data('getProfile')).toMatchObject({ clientcode: clientCode });
  expect(await client.call('logout', clientCode)).toMatchObject({ status: true });
  expect(await client.call('getProfile')).toMatchObject({ success: false, errorCode: 'AG8001' });

  expect(
    simulator.received().every(({ operation, path }) => operation !== 'unknown' || path.endsWith('getOIData')),
  ).toBe(true);
  expect(simulator.received('orderBook')[0]).toMatchObject({ body: '{}', headers: { 'content-length': '2' } });
  expect(simulator.received('orderById')[0]).toMatchObject({ method: 'GET', body: 'null' });
  expect(simulator.received('placeOrder')[0]?.headers).toMatchObject({
    'x-privatekey': apiKey,
    'x-clientpublicip': 'null',
  });
});

test('shows the official JS client a refusal, too many calls, and nothing for a lost reply', async () => {
  const clock = steppingClock();
  const simulator = await startSimulator({ clock, brokers: ['angel'] });
  onTestFinished(() => simulator.close());
  const { clientCode, mpin, totpSecret } = simulator.angel.credentials;
  const client = await officialClient(simulator);
  const refused = { status: false, errorcode: 'AB1050' };
  expect(await client.call('generateSession', clientCode, mpin, '000')).toMatchObject(refused);
  clock.advance(1_000);
  await client.data('generateSession', clientCode, mpin, totpAt(totpSecret, clock.now()));
  await client.data('getOrderBook');
  expect(await client.call('getOrderBook')).toEqual({ status: 403, message: 'Forbidden' });
  simulator.inject({ operation: 'placeOrder', kind: 'resetAfter' });
  expect(await client.call('placeOrder', limitBuy())).toEqual({});
  expect(simulator.ledger()).toHaveLength(1);
});
