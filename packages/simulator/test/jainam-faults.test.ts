import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  dropReplyAfter,
  emptyBook,
  expiredToken,
  lateVisibility,
  rateLimited,
  serverErrorAfter,
  staleBook,
  startSimulator,
} from '../src/index.js';
import { claimsOf, jsonCall, loggedIn, resultOf, startedJainam, verdictOf, xtsError } from './jainam-support.js';
import { rowOf, rowsOf, send, steppingClock } from './support.js';

test('takes an order whose reply is lost', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  simulator.inject(dropReplyAfter('placeOrder'));
  await expect(client.place()).rejects.toThrow();
  expect(simulator.ledger()).toHaveLength(1);
  expect((await client.book())[0]).toMatchObject({ OrderUniqueIdentifier: 'tag1' });
});

test('refuses in XTS’s own words when told to', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  simulator.inject(rateLimited('placeOrder'));
  expect(await client.place()).toEqual({ status: 400, json: xtsError('rate_limited') });
  simulator.inject(expiredToken('orderBook'));
  expect(await client.call('GET', '/orders')).toEqual({ status: 400, json: xtsError('session_replaced') });
  simulator.inject(serverErrorAfter('placeOrder'));
  const broken = await client.place();
  expect([broken.status, rowOf(broken.json)['type']]).toEqual([500, 'error']);
  simulator.inject(serverErrorAfter('profile', { status: 502 }));
  const { baseUrl } = simulator.jainam;
  const page = await send({ url: `${baseUrl}/interactive/user/profile`, headers: { authorization: client.token } });
  expect([page.status, page.text]).toEqual([502, expect.stringContaining('<html>')]);
  expect(simulator.ledger()).toHaveLength(1);
});

test('shows a book as it stood, and one without what it holds', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  const first = await client.placed({ orderUniqueIdentifier: 'first' });
  simulator.inject(staleBook('orderBook'));
  simulator.inject(staleBook('orderHistory', { times: 2 }));
  const second = await client.placed({ orderUniqueIdentifier: 'second' });
  await client.call('DELETE', `/orders?appOrderID=${first}`);
  expect((await client.book()).map((row) => [row['OrderUniqueIdentifier'], row['OrderStatus']])).toEqual([
    ['first', 'New'],
  ]);
  const history = rowsOf(resultOf(await client.call('GET', `/orders?appOrderID=${first}`)));
  expect(history.at(-1)).toMatchObject({ OrderStatus: 'New' });
  expect(verdictOf(await client.call('GET', `/orders?appOrderID=${second}`))).toEqual([400, 'e-orders-0001']);
  expect(await client.book()).toHaveLength(2);

  simulator.inject(emptyBook('orderBook'));
  expect(await client.call('GET', '/orders')).toEqual({ status: 400, json: xtsError('empty_order_book') });
  await client.place({ orderType: 'MARKET' });
  for (const [operation, path, code] of [
    ['trades', '/orders/trades', 'e-tradebook-0005'],
    ['positions', '/portfolio/positions?dayOrNet=NetWise', 'e-portfolio-0005'],
    ['funds', '/user/balance', 'e-balance-0005'],
  ] as const) {
    simulator.inject(emptyBook(operation));
    expect(verdictOf(await client.call('GET', path))).toEqual([400, code]);
  }
});

test('a dealer’s stale book is that of the client he asks for', async () => {
  const account = { clientId: 'D1', dealer: true, clientCodes: ['C1', 'C2'] };
  const { simulator, client } = await startedJainam(onTestFinished, { account });
  await client.place({ clientID: 'C1', orderUniqueIdentifier: 'one' });
  await client.place({ clientID: 'C2', orderUniqueIdentifier: 'two' });
  simulator.inject(staleBook('orderBook'));
  await client.place({ clientID: 'C2', orderUniqueIdentifier: 'late' });
  const rows = rowsOf(resultOf(await client.call('GET', '/orders/dealerorderbook?clientID=C2')));
  expect(rows.map((row) => row['OrderUniqueIdentifier'])).toEqual(['two']);
});

test('keeps a late order out of the book, its history and the trades', async () => {
  const clock = steppingClock();
  const { simulator, client } = await startedJainam(onTestFinished, {}, { clock });
  simulator.inject(lateVisibility('placeOrder', 5_000));
  const id = await client.placed({ orderType: 'MARKET' });
  expect(await client.book()).toEqual([]);
  expect(verdictOf(await client.call('GET', `/orders?appOrderID=${id}`))).toEqual([400, 'e-orders-0001']);
  expect(verdictOf(await client.call('GET', '/orders/trades'))).toEqual([400, 'e-tradebook-0005']);
  clock.advance(5_000);
  expect(await client.book()).toHaveLength(1);
  expect((await client.call('GET', '/orders/trades')).status).toBe(200);
});

test('records every call under the name of what it does', async () => {
  const { simulator, client } = await startedJainam(onTestFinished);
  const id = await client.placed();
  await client.call('DELETE', `/orders?appOrderID=${id}`);
  await client.call('PUT', '/portfolio/positions/convert', {});
  await client.call('GET', '/nowhere').catch(() => undefined);
  expect(simulator.received().map(({ operation }) => operation)).toEqual([
    'login',
    'login',
    'placeOrder',
    'cancelOrder',
    'convertPosition',
    'unknown',
  ]);
});

test('keeps keys, sessions and orders over a restart', async () => {
  const state = mkdtempSync(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rmSync(state, { recursive: true, force: true }));
  const options = { state, brokers: ['jainam' as const], jainam: { rateLimits: 'off' as const } };
  const second = { clientId: 'D1', dealer: true, clientCodes: ['C1'] };

  const first = await startSimulator(options);
  const before = first.jainam.credentials;
  const dealerKeys = first.jainam.addAccount(second);
  const client = await loggedIn(first);
  const gone = await loggedIn(first, dealerKeys);
  await client.placed({ orderUniqueIdentifier: 'kept' });
  await gone.call('DELETE', '/user/session');
  const leftAtMs = first.clock.now();
  await first.close();

  const restarted = await startSimulator(options);
  onTestFinished(() => restarted.close());
  expect(restarted.jainam.credentials).toEqual(before);
  expect(restarted.jainam.addAccount(second)).toEqual(dealerKeys);
  expect(restarted.clock.now()).toBeGreaterThanOrEqual(leftAtMs - 1_000);
  const { baseUrl } = restarted.jainam;
  const book = await jsonCall('GET', `${baseUrl}/interactive/orders`, { authorization: client.token });
  expect(rowsOf(resultOf(book))[0]).toMatchObject({ OrderUniqueIdentifier: 'kept', OrderStatus: 'New' });
  const ended = await jsonCall('GET', `${baseUrl}/interactive/user/profile`, { authorization: gone.token });
  expect(verdictOf(ended)).toEqual([400, 'e-session-0005']);
  expect(claimsOf(client.token)['publicKey']).not.toBe(claimsOf((await loggedIn(restarted)).token)['publicKey']);
});
