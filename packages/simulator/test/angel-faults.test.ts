import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Simulator, SimulatorOptions } from '../src/index.js';
import {
  dropReplyAfter,
  emptyBook,
  expiredToken,
  lateVisibility,
  rateLimited,
  serverErrorAfter,
  serverErrorBefore,
  staleBook,
  startSimulator,
} from '../src/index.js';
import { clientWith, loggedIn, refusalOf, startedAngel } from './angel-support.js';
import { steppingClock } from './support.js';

describe('faults', () => {
  test('take the order and lose the reply', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    simulator.inject(dropReplyAfter('placeOrder'));
    await expect(client.place({ ordertag: 'LOST' })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await client.book()).map((row) => row['ordertag'])).toEqual(['LOST']);
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('speak the broker’s words: AB1004, the access-rate text, an expired token, null for a list', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    simulator.inject(serverErrorBefore('placeOrder', { status: 502 }));
    expect(await client.place()).toMatchObject({ status: 502, json: { errorcode: 'AB1004', status: false } });
    simulator.inject(rateLimited('placeOrder'));
    expect((await client.place()).json).toBe('Access denied because of exceeding access rate');
    simulator.inject(expiredToken('placeOrder'));
    expect((await client.place()).json).toMatchObject({
      success: false,
      errorCode: 'AG8002',
      message: 'Token Expired',
    });
    expect(simulator.ledger()).toEqual([]);
    await client.placed();
    simulator.inject(emptyBook());
    expect(await client.data('order/v1/getOrderBook')).toBeNull();
    expect(await client.book()).toHaveLength(1);
    simulator.inject(emptyBook('search'));
    expect(await client.data('order/v1/searchScrip', { exchange: 'NSE', searchscrip: 'SBIN' })).toEqual([]);
  });

  test('answer an order that was taken with the words for too many calls', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    simulator.inject(serverErrorAfter('placeOrder', { status: 403 }));
    expect(await client.place()).toEqual({ status: 403, json: 'Access denied because of exceeding access rate' });
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('show book and single order as they were, and nothing else', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    const { orderid, uniqueorderid } = await client.placed();
    simulator.inject(staleBook('*', { times: 5 }));
    const before = await client.row(orderid);
    expect((await client.post('order/v1/cancelOrder', { variety: 'NORMAL', orderid })).json).toMatchObject({
      status: true,
    });
    expect(await client.row(orderid)).toEqual(before);
    expect(await client.data(`order/v1/details/${String(uniqueorderid)}`)).toEqual(before);
    const wrong = clientWith(simulator, simulator.angel.credentials, { jwtToken: 'eyJ.eyJ.x' });
    expect((await wrong.get('order/v1/getOrderBook')).json).toMatchObject({ errorCode: 'AG8001' });
    expect(await client.row(orderid)).toMatchObject({ orderstatus: 'cancelled' });
  });

  test('show an order by its id from a book that did not have it yet', async () => {
    const { simulator, client } = await startedAngel(onTestFinished);
    simulator.inject(staleBook('orderById'));
    const { uniqueorderid } = await client.placed();
    const path = `order/v1/details/${String(uniqueorderid)}`;
    expect(refusalOf(await client.get(path))[1]).toBe('AB1013');
    expect(await client.data(path)).toMatchObject({ uniqueorderid });
  });

  test('keep an order out of book, details and trades for a while', async () => {
    const clock = steppingClock();
    const { simulator, client } = await startedAngel(onTestFinished, {}, { clock });
    simulator.inject(lateVisibility('placeOrder', 5_000));
    const { uniqueorderid } = await client.placed({ price: '1400' });
    const path = `order/v1/details/${String(uniqueorderid)}`;
    expect(await client.book()).toEqual([]);
    expect(await client.data('order/v1/getTradeBook')).toBeNull();
    expect(refusalOf(await client.get(path))[1]).toBe('AB1013');
    clock.advance(5_000);
    expect(await client.data(path)).toMatchObject({ orderstatus: 'complete' });
  });
});

describe('a restart', () => {
  function stateful(): SimulatorOptions {
    const state = mkdtempSync(join(tmpdir(), 'simulator-'));
    onTestFinished(() => rmSync(state, { recursive: true, force: true }));
    return { state, brokers: ['angel'], angel: { rateLimits: 'off' } };
  }

  const READS = [
    'order/v1/getOrderBook',
    'order/v1/getTradeBook',
    'order/v1/getPosition',
    'portfolio/v1/getHolding',
    'user/v1/getRMS',
    'user/v1/getProfile',
  ];
  const holdings = [{ instrument: 'TCS', quantity: 5, averagePrice: 3000 }];
  const addOwner = (simulator: Simulator) => simulator.angel.addAccount({ clientId: 'B2000002', holdings });

  test('keeps accounts, secrets, tokens and orders, and a dead token dead', async () => {
    const options = stateful();
    const first = await startSimulator(options);
    const dead = await loggedIn(first);
    const client = await loggedIn(first);
    const owner = await loggedIn(first, addOwner(first));
    await client.placed({ ordertag: 'KEPT' });
    await client.placed({ price: '1400' });
    await client.place({ quantity: '1000000' });
    await owner.placed({ price: '1400', quantity: '3' });
    const viewsOf = (views: readonly (typeof client)[]) =>
      Promise.all(views.flatMap((view) => READS.map((path) => view.get(path))));
    const before = await viewsOf([client, owner]);
    const { credentials } = first.angel;
    const ledger = first.ledger();
    const leftAtMs = first.clock.now();
    await first.close();

    const second = await startSimulator(options);
    onTestFinished(() => second.close());
    expect(second.clock.now()).toBeGreaterThanOrEqual(leftAtMs - 1_000);
    expect(second.angel.credentials).toEqual(credentials);
    const again = clientWith(second, credentials, client.tokens);
    const ownerAgain = clientWith(second, addOwner(second), owner.tokens);
    expect(await viewsOf([again, ownerAgain])).toEqual(before);
    expect(second.ledger()).toEqual(ledger);
    expect(ledger).toHaveLength(3);
    const killed = clientWith(second, credentials, dead.tokens);
    expect((await killed.get('user/v1/getRMS')).json).toMatchObject({ errorCode: 'AG8001' });
    const { orderid } = await again.placed();
    expect((await again.book()).map((row) => row['orderid']).indexOf(orderid)).toBe(3);
  });
});
