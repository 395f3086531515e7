import { describe, expect, onTestFinished, test } from 'vitest';
import type { Fault, Simulator } from '../src/index.js';
import {
  cutBody,
  dropReplyAfter,
  emptyBook,
  expiredToken,
  garbage,
  hang,
  htmlPage,
  lateVisibility,
  rateLimited,
  resetBefore,
  serverErrorAfter,
  serverErrorBefore,
  slow,
  staleBook,
} from '../src/index.js';
import { fixture, limitBuy, rowOf, rowsOf, send, started, steppingClock } from './support.js';

/** Places through a bare socket: what came back, or the code of the error. */
async function place(simulator: Simulator): Promise<{ status: number; text: string } | string> {
  const headers = { 'access-token': simulator.dhan.credentials.accessToken, 'content-type': 'application/json' };
  const url = `${simulator.dhan.baseUrl}/orders`;
  try {
    return await send({ method: 'POST', url, headers, body: JSON.stringify(limitBuy('1000000001')) });
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function placeWith(fault: Fault) {
  const { simulator } = await started(onTestFinished, { faults: [fault] });
  const seen = await place(simulator);
  return { seen, accepted: simulator.ledger().length, received: simulator.received('placeOrder') };
}

describe('what a client sees of each fault', () => {
  test('dropReplyAfter: takes the order and resets the socket', async () => {
    const { seen, accepted, received } = await placeWith(dropReplyAfter('placeOrder'));
    expect([seen, accepted]).toEqual(['ECONNRESET', 1]);
    expect(received).toMatchObject([{ fault: 'resetAfter', method: 'POST', path: '/v2/orders' }]);
  });

  test('resetBefore: resets the socket and takes nothing', async () => {
    const { seen, accepted } = await placeWith(resetBefore('placeOrder'));
    expect([seen, accepted]).toEqual(['ECONNRESET', 0]);
  });

  test('serverErrorAfter: takes the order and answers 5xx', async () => {
    const { seen, accepted } = await placeWith(serverErrorAfter('placeOrder', { status: 502 }));
    expect([seen, accepted]).toMatchObject([{ status: 502 }, 1]);
  });

  test('serverErrorBefore: answers 5xx and takes nothing', async () => {
    const { seen, accepted } = await placeWith(serverErrorBefore('placeOrder'));
    expect([seen, accepted]).toMatchObject([{ status: 500, text: expect.stringContaining('DH-908') }, 0]);
  });

  test('cutBody: takes the order and sends half of the promised body', async () => {
    const { seen, accepted } = await placeWith(cutBody('placeOrder'));
    expect([seen, accepted]).toEqual(['ECONNRESET', 1]);
  });

  test('garbage: takes the order and answers what no parser reads', async () => {
    const { seen, accepted } = await placeWith(garbage('placeOrder'));
    expect([seen, accepted]).toMatchObject([{ status: 200 }, 1]);
    expect(() => JSON.parse(typeof seen === 'string' ? '{}' : seen.text) as unknown).toThrow(SyntaxError);
  });

  test.each([200, 503])('htmlPage: answers a page with status %i, before or after acting', async (status) => {
    const before = await placeWith(htmlPage('placeOrder', { status }));
    expect([before.seen, before.accepted]).toMatchObject([{ status, text: expect.stringContaining('<html>') }, 0]);
    const after = await placeWith(htmlPage('placeOrder', { status, when: 'after' }));
    expect([after.seen, after.accepted]).toMatchObject([{ status, text: expect.stringContaining('<html>') }, 1]);
  });

  test('rateLimited: refuses with 429 DH-904', async () => {
    const { seen, accepted } = await placeWith(rateLimited('placeOrder'));
    expect([seen, accepted]).toMatchObject([{ status: 429, text: expect.stringContaining('DH-904') }, 0]);
  });

  test('expiredToken: refuses with the recorded 401 once, and the token stays good', async () => {
    const { simulator, client } = await started(onTestFinished, { faults: [expiredToken('placeOrder')] });
    const [sample] = rowsOf(fixture('errors.json'));
    expect(await client.place()).toEqual({ status: 401, json: sample?.['body'] });
    expect((await client.place()).status).toBe(200);
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('slow: answers late in real time', async () => {
    const startedAt = performance.now();
    const { seen, accepted } = await placeWith(slow('placeOrder', 150));
    expect([seen, accepted]).toMatchObject([{ status: 200 }, 1]);
    expect(performance.now() - startedAt).toBeGreaterThan(145);
  });
});

describe('hang', () => {
  const settled = (promise: Promise<unknown>, withinMs: number) =>
    Promise.race([
      promise.then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), withinMs)),
    ]);

  test('takes the order and answers only when released', async () => {
    const { simulator } = await started(onTestFinished, { faults: [hang('placeOrder')] });
    const reply = place(simulator);
    expect(await settled(reply, 100)).toBe(false);
    expect(simulator.ledger()).toHaveLength(1);
    simulator.releaseHung();
    expect(await reply).toMatchObject({ status: 200 });
  });

  test('before acting, takes the order late, when released', async () => {
    const { simulator } = await started(onTestFinished, { faults: [hang('placeOrder', { when: 'before' })] });
    const reply = place(simulator);
    expect(await settled(reply, 100)).toBe(false);
    expect(simulator.ledger()).toHaveLength(0);
    simulator.releaseHung();
    expect(await reply).toMatchObject({ status: 200 });
    expect(simulator.ledger()).toHaveLength(1);
  });

  test('is dropped without acting when the simulator closes', async () => {
    const { simulator } = await started(onTestFinished, {
      faults: [hang('placeOrder', { when: 'before' }), slow('orderBook', 60_000)],
    });
    const replies = [place(simulator), send({ url: `${simulator.dhan.baseUrl}/orders` }).catch(() => 'gone')];
    await settled(new Promise(() => undefined), 50);
    await simulator.close();
    expect(await Promise.all(replies)).toEqual(['ECONNRESET', 'gone']);
    expect(simulator.ledger()).toHaveLength(0);
  });
});

describe('what the books show', () => {
  test('lateVisibility: keeps an accepted order out of every read until the time is over', async () => {
    const clock = steppingClock();
    const faults = [lateVisibility('placeOrder', 5_000)];
    const { simulator, client } = await started(onTestFinished, { clock, faults });
    const orderId = await client.placed({ correlationId: 'late', price: 1400 });
    const counts = async () => [
      (await client.book()).length,
      rowsOf((await client.get(`/orders/${orderId}`)).json).length,
      rowsOf((await client.get('/orders/external/late')).json).length,
      rowsOf((await client.get('/trades')).json).length,
    ];
    expect(simulator.ledger()).toHaveLength(1);
    expect(await counts()).toEqual([0, 0, 0, 0]);
    clock.advance(4_999);
    expect(await counts()).toEqual([0, 0, 0, 0]);
    clock.advance(1);
    expect(await counts()).toEqual([1, 1, 1, 1]);
  });

  test('staleBook: shows the book of the moment it was injected', async () => {
    const { simulator, client } = await started(onTestFinished);
    const first = await client.placed();
    simulator.inject(staleBook());
    await client.placed();
    await client.delete(`/orders/${first}`);
    expect(await client.book()).toMatchObject([{ orderId: first, orderStatus: 'PENDING' }]);
    expect(await client.book()).toHaveLength(2);
  });

  test('staleBook: answers lookups by tag and by id from the same moment', async () => {
    const { simulator, client } = await started(onTestFinished);
    const known = await client.placed({ correlationId: 'known' });
    simulator.inject(staleBook('orderByTag', { times: 2 }));
    simulator.inject(staleBook('orderById'));
    const fresh = await client.placed({ correlationId: 'fresh' });
    expect(rowsOf((await client.get('/orders/external/known')).json)).toMatchObject([{ orderId: known }]);
    expect((await client.get('/orders/external/fresh')).json).toEqual([]);
    expect((await client.get(`/orders/${fresh}`)).json).toEqual([]);
    expect(rowsOf((await client.get('/orders/external/fresh')).json)).toHaveLength(1);
  });

  test('emptyBook: shows no orders', async () => {
    const { simulator, client } = await started(onTestFinished);
    await client.placed();
    simulator.inject(emptyBook());
    expect(await client.book()).toEqual([]);
    expect(await client.book()).toHaveLength(1);
  });
});

describe('which requests are hit', () => {
  const outcomes = async (simulator: Simulator, count: number) => {
    const statuses: number[] = [];
    for (let call = 0; call < count; call += 1) {
      const seen = await place(simulator);
      statuses.push(typeof seen === 'string' ? 0 : seen.status);
    }
    return statuses;
  };

  test('the next one, once, unless told otherwise', async () => {
    const { simulator, client } = await started(onTestFinished, { faults: [serverErrorBefore('placeOrder')] });
    await client.get('/orders'); // another operation does not use it up
    expect(await outcomes(simulator, 3)).toEqual([500, 200, 200]);
  });

  test('the nth, and as many as asked for from there', async () => {
    const { simulator } = await started(onTestFinished, {
      faults: [serverErrorBefore('placeOrder', { nth: 2, times: 2 })],
    });
    expect(await outcomes(simulator, 5)).toEqual([200, 500, 500, 200, 200]);
  });

  test('all of any kind, until cleared', async () => {
    const { simulator, client } = await started(onTestFinished, {
      faults: [serverErrorBefore('*', { times: 'always' })],
    });
    expect(await outcomes(simulator, 2)).toEqual([500, 500]);
    expect((await client.get('/orders')).status).toBe(500);
    simulator.clearFaults();
    expect(await outcomes(simulator, 1)).toEqual([200]);
  });

  test('one after the other when several wait for the same operation', async () => {
    const { simulator } = await started(onTestFinished, {
      faults: [serverErrorBefore('placeOrder'), rateLimited('placeOrder')],
    });
    expect(await outcomes(simulator, 3)).toEqual([500, 429, 200]);
  });

  test('by chance, the same ones for the same seed', async () => {
    const runOf = async (seed: number) => {
      const faults = [serverErrorBefore('placeOrder', { probability: 0.5 })];
      const { simulator } = await started(onTestFinished, { seed, faults });
      return outcomes(simulator, 24);
    };
    const run = await runOf(11);
    expect(new Set(run)).toEqual(new Set([200, 500]));
    expect(await runOf(11)).toEqual(run);
    expect(await runOf(12)).not.toEqual(run);
  });
});

describe('control from another process', () => {
  test('injects, questions and steers over HTTP', async () => {
    const { simulator, client } = await started(onTestFinished);
    const control = async (method: string, path: string, body?: unknown) => {
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      const reply = await send({ method, url: `${simulator.control.baseUrl}/${path}`, ...text });
      return { status: reply.status, json: JSON.parse(reply.text) as unknown };
    };
    expect((await control('GET', 'health')).json).toMatchObject({ status: 'ok' });
    expect((await control('POST', 'faults', { operation: 'placeOrder', kind: 'errorAfter' })).status).toBe(200);
    expect((await client.place()).status).toBe(500);
    expect((await control('GET', 'ledger')).json).toHaveLength(1);
    expect((await control('GET', 'received?operation=placeOrder')).json).toMatchObject([{ fault: 'errorAfter' }]);
    await control('POST', 'price', { instrument: 'RELIANCE', price: 1390 });
    expect(await client.book()).toMatchObject([{ orderStatus: 'TRADED' }]);
    await control('POST', 'faults', [{ operation: '*', kind: 'slow', delayMs: 1, times: 'always' }]);
    expect((await control('DELETE', 'faults')).status).toBe(200);
  });

  const bad: readonly unknown[] = [
    {},
    { operation: 'placeOrder', kind: 'explode' },
    { operation: 'everything', kind: 'slow', delayMs: 1 },
    { operation: 'placeOrder', kind: 'slow' },
    { operation: 'placeOrder', kind: 'resetBefore', nth: 0 },
    { operation: 'placeOrder', kind: 'resetBefore', probability: 2 },
  ];
  test.each(bad)('refuses a fault it cannot read: %j', async (fault) => {
    const { simulator } = await started(onTestFinished);
    const url = `${simulator.control.baseUrl}/faults`;
    const reply = await send({ method: 'POST', url, body: JSON.stringify(fault) });
    expect(reply.status).toBe(400);
    expect(rowOf(JSON.parse(reply.text))['error']).toEqual(expect.any(String));
  });
});

test('leaves no timer, socket or listener behind', async () => {
  const { simulator, client } = await started(onTestFinished, { faults: [slow('orderBook', 60_000)] });
  await client.place();
  const waiting = send({ url: `${simulator.dhan.baseUrl}/orders` }).catch(() => 'gone');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await simulator.close();
  await waiting;
  await expect(send({ url: simulator.dhan.instrumentsUrl })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
