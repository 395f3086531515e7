import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Fault, Simulator, SimulatorOptions } from '../src/index.js';
import {
  cutBody,
  dropReplyAfter,
  emptyBook,
  expiredToken,
  garbage,
  htmlPage,
  lateVisibility,
  rateLimited,
  serverErrorAfter,
  serverErrorBefore,
  staleBook,
  startSimulator,
} from '../src/index.js';
import { LIMIT_BUY, PLACE, beginLogin, clientOf, loggedIn, sample, startedKotak } from './kotak-support.js';
import type { KotakClient, Session } from './kotak-support.js';
import { rowOf, send, steppingClock } from './support.js';

describe('over a restart', () => {
  function stateful(): SimulatorOptions {
    const state = mkdtempSync(join(tmpdir(), 'simulator-'));
    onTestFinished(() => rmSync(state, { recursive: true, force: true }));
    return { state, brokers: ['kotak'], clock: steppingClock(), kotak: { rateLimits: 'off' } };
  }

  /** The port changes with a restart, the session does not. */
  const moved = (session: Session, simulator: Simulator): KotakClient =>
    clientOf({ ...session, baseUrl: `${simulator.kotak.loginUrl}/e21` });

  test('keeps secrets, sessions, orders and their history', async () => {
    const options = stateful();
    const first = await startSimulator(options);
    const { credentials } = first.kotak;
    const client = clientOf(await loggedIn(first));
    const kept = await client.placed({ ig: 'kept' });
    await client.modify({ no: kept, pr: '1380' });
    const gone = await client.placed({ ig: 'gone' });
    await client.cancel({ on: gone });
    await client.placed({ pr: '1400', pc: 'CNC' });
    await client.placed({ qt: '100000' });
    const viewOf = async (reader: KotakClient) => [
      await reader.book(),
      await reader.history(kept),
      await reader.history(gone),
      await reader.get('/quick/user/trades'),
      await reader.get('/quick/user/positions'),
    ];
    const before = await viewOf(client);
    const ledger = first.ledger();
    await first.close();

    const second = await startSimulator(options);
    onTestFinished(() => second.close());
    expect(second.kotak.credentials).toEqual(credentials);
    expect(await viewOf(moved(client.session, second))).toEqual(before);
    expect(second.ledger()).toEqual(ledger);
    expect(ledger).toHaveLength(3);
  });

  test('remembers which codes are spent', async () => {
    const options = stateful();
    const first = await startSimulator(options);
    expect((await beginLogin(first)).status).toBe(200);
    await first.close();
    const second = await startSimulator(options);
    onTestFinished(() => second.close());
    expect((await beginLogin(second)).status).toBe(401);
  });

  test('never runs behind a log-in of an earlier run', async () => {
    const { clock: _, ...options } = stateful();
    const clock = steppingClock(Date.parse('2026-11-20T12:00:00+05:30'));
    const first = await startSimulator({ ...options, clock });
    await loggedIn(first);
    await first.close();
    const second = await startSimulator(options);
    onTestFinished(() => second.close());
    expect(second.clock.now()).toBeGreaterThanOrEqual(clock.now());
  });
});

describe('what a client sees of faults', () => {
  async function placeWith(fault: Fault) {
    const { simulator, client } = await startedKotak(onTestFinished);
    simulator.inject(fault);
    const { baseUrl, token, sid } = client.session;
    const seen = await send({
      method: 'POST',
      url: baseUrl + PLACE,
      headers: { Auth: token, Sid: sid },
      body: new URLSearchParams({ jData: JSON.stringify({ ...LIMIT_BUY, ig: 'faulty' }) }).toString(),
    }).catch((error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)));
    return { seen, simulator, client, accepted: simulator.ledger().length };
  }

  test('a lost reply leaves an order that its tag finds', async () => {
    const { seen, client, accepted } = await placeWith(dropReplyAfter('placeOrder'));
    expect([seen, accepted]).toEqual(['ECONNRESET', 1]);
    expect((await client.book()).map((row) => row['GuiOrdId'])).toEqual(['faulty']);
  });

  test.each([
    ['serverErrorBefore', serverErrorBefore('placeOrder', { status: 502 }), 502, 0],
    ['serverErrorAfter', serverErrorAfter('placeOrder'), 500, 1],
    ['rateLimited', rateLimited('placeOrder'), 429, 0],
    ['htmlPage', htmlPage('placeOrder'), 503, 0],
    ['garbage', garbage('placeOrder'), 200, 1],
  ] as const)('%s', async (_name, fault, status, expected) => {
    const { seen, accepted } = await placeWith(fault);
    expect([seen, accepted]).toMatchObject([{ status }, expected]);
  });

  test('a cut body takes the order', async () => {
    const { seen, accepted } = await placeWith(cutBody('placeOrder'));
    expect([seen, accepted]).toEqual(['ECONNRESET', 1]);
  });

  test('an expired token is the recorded 100022, once', async () => {
    const { seen, client, accepted } = await placeWith(expiredToken('placeOrder'));
    const body = JSON.parse(typeof seen === 'string' ? '{}' : seen.text) as unknown;
    expect([body, accepted]).toEqual([{ stCode: 100_022, errMsg: 'invalid session token', stat: 'Not_Ok' }, 0]);
    expect(rowOf((await client.place()).json)['stat']).toBe('Ok');
  });

  test('an order that is late in the book is there all the same', async () => {
    const { client, simulator } = await placeWith(lateVisibility('placeOrder', 60_000));
    expect(await client.book()).toEqual([]);
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('an empty book is the recorded 5203, and empty holdings a list', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    await client.placed();
    simulator.inject(emptyBook());
    expect((await client.get('/quick/user/orders')).json).toEqual(sample('empty_book_5203.json'));
    expect(await client.book()).toHaveLength(1);
    simulator.inject(emptyBook('holdings'));
    expect((await client.get('/portfolio/v1/holdings')).json).toEqual({ data: [] });
    simulator.inject(emptyBook('quote'));
    const headers = { Authorization: simulator.kotak.credentials.accessToken };
    expect((await client.get('/script-details/1.0/quotes/neosymbol/nse_cm|2885', headers)).json).toEqual([]);
  });

  test('a stale book shows the orders of before, in the book and by number', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const before = await client.placed();
    simulator.inject(staleBook('orderBook'));
    simulator.inject(staleBook('orderById', { times: 2 }));
    const after = await client.placed();
    await client.cancel({ on: before });
    expect((await client.book()).map((row) => [row['nOrdNo'], row['ordSt']])).toEqual([[before, 'open']]);
    expect(await client.row(before)).toMatchObject({ ordSt: 'open' });
    const unseen = await client.get(`/quick/user/orders/${after}`);
    expect(unseen.json).toEqual(sample('empty_book_5203.json'));
    expect(await client.book()).toHaveLength(2);
  });

  test('names every call, so that faults and records find it', async () => {
    const { simulator, client } = await startedKotak(onTestFinished);
    const id = await client.placed();
    await client.modify({ no: id, pr: '1380' });
    await client.history(id);
    await client.row(id);
    await client.cancel({ on: id });
    await client.form('/quick/user/limits', {});
    await client.get('/portfolio/v1/holdings');
    await client.get('/nowhere');
    expect(simulator.received().map(({ operation }) => operation)).toEqual([
      'beginLogin',
      'login',
      'placeOrder',
      'modifyOrder',
      'orderHistory',
      'orderById',
      'cancelOrder',
      'funds',
      'holdings',
      'unknown',
    ]);
  });
});
