import { describe, expect, test } from 'vitest';
import { AlgoError } from '../src/errors/algo-error.js';
import { systemRandom } from '../src/runtime/random.js';
import type { FailoverStrategy } from '../src/routing/failover-strategy.js';
import { ManualFailover } from '../src/routing/manual-failover.js';
import { routed } from './failover-support.js';
import type { Routed } from './failover-support.js';

interface ByHand extends Routed {
  readonly manual: ManualFailover<Routed['one']>;
}

function byHand(strategy: Partial<FailoverStrategy> | null = {}, openOrders = async (): Promise<number> => 2): ByHand {
  const setting = routed(strategy);
  const { router, connections, clock } = setting;
  const manual = new ManualFailover({
    router,
    connections: () => connections,
    openOrders,
    clock,
    random: systemRandom(),
  });
  return { ...setting, manual };
}

const notConfirmed = expect.objectContaining({ code: 'ALGO_NOT_CONFIRMED' });

test('a preview shows what would happen and moves nothing; its token makes it happen', async () => {
  const { manual, router, one, two, clock, told } = byHand();
  const preview = await manual.preview({});
  expect(preview).toMatchObject({ from: one.ref, to: two.ref, openOrders: 2, expiresAtMs: clock.now() + 60_000 });
  expect(Buffer.from(preview.token, 'base64url')).toHaveLength(16);
  expect(router.entry()?.connection).toEqual(one.ref);
  expect(told).toEqual([]);
  expect(manual.confirm(preview.token)).toEqual({ from: one.ref, to: two.ref });
  expect(router.entry()).toEqual({ connection: two.ref, decision: { kind: 'serve-here' } });
  expect(told).toEqual([['failover-switched', { from: one.ref, to: two.ref, why: 'by hand' }]]);
});

test('a token is good once, and no two are alike', async () => {
  const { manual, router, one, three } = byHand();
  const { token } = await manual.preview({ to: three.ref });
  manual.confirm(token);
  router.moveByHand(one.ref); // all is as it was for the preview
  expect(() => manual.confirm(token)).toThrow(notConfirmed);
  const tokens = new Set<string>();
  for (let count = 0; count < 100; count += 1) tokens.add((await manual.preview({})).token);
  expect(tokens.size).toBe(100);
});

test('nothing else than the newest token, in its minute, confirms', async () => {
  const { manual, clock, one, router } = byHand();
  expect(() => manual.confirm('')).toThrow(notConfirmed);
  const older = await manual.preview({});
  const newer = await manual.preview({});
  for (const wrong of [older.token, '', 'x', `${newer.token}A`, newer.token.slice(1)]) {
    expect(() => manual.confirm(wrong)).toThrow(notConfirmed);
  }
  for (const json of ['7', 'null', '[]']) {
    expect(() => manual.confirm(JSON.parse(json))).toThrow(notConfirmed); // a host hands on what a browser sent
  }
  await clock.advance(60_000);
  expect(() => manual.confirm(newer.token)).toThrow(notConfirmed);
  expect(router.status()?.serving).toEqual(one.ref);
});

test('a wrong token does not use up the right one', async () => {
  const { manual } = byHand();
  const { token } = await manual.preview({});
  expect(() => manual.confirm('wrong')).toThrow(notConfirmed);
  expect(() => manual.confirm(token)).not.toThrow();
});

test('what changed since the preview is not overlooked', async () => {
  const gone = byHand();
  const first = await gone.manual.preview({});
  gone.two.down();
  expect(() => gone.manual.confirm(first.token)).toThrow(notConfirmed);
  const switched = byHand({ rules: [{ on: 'ERROR_RATE', then: 'SWITCH' }] });
  const second = await switched.manual.preview({ to: switched.three.ref });
  switched.one.down();
  switched.router.entry();
  expect(() => switched.manual.confirm(second.token)).toThrow(notConfirmed);
});

test('a preview needs a strategy, a connection of it, and one that can serve', async () => {
  const { manual, one, two, three } = byHand();
  const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.catch((error: unknown) => (error instanceof AlgoError ? error.code : error));
  expect(await codeOf(byHand(null).manual.preview({}))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(manual.preview({ to: one.ref }))).toBe('ALGO_INVALID_INPUT');
  expect(await codeOf(manual.preview({ to: { broker: 'two', account: 'other' } }))).toBe('ALGO_INVALID_INPUT');
  two.down();
  expect(await codeOf(manual.preview({ to: two.ref }))).toBe('ALGO_NOT_CONNECTED');
  three.down();
  expect(await codeOf(manual.preview({}))).toBe('ALGO_ALL_BROKERS_DOWN');
});

test('open orders that nobody can count are not counted as none', async () => {
  const { manual } = byHand({}, () => Promise.reject(new Error('the journal is away')));
  expect((await manual.preview({})).openOrders).toBeNull();
});

describe('what was moved by hand', () => {
  const moved = async (strategy: Partial<FailoverStrategy> = {}): Promise<ByHand> => {
    const setting = byHand(strategy);
    setting.manual.confirm((await setting.manual.preview({})).token);
    setting.news();
    return setting;
  };

  test('comes back by hand alone', async () => {
    const { manual, router, one, two, clock, news, told } = await moved();
    expect(clock.timers).toBe(0);
    await clock.advance(3_600_000);
    expect(router.status()).toMatchObject({ serving: two.ref, byHand: true, returnsAtMs: null });
    manual.confirm((await manual.preview({ to: one.ref })).token);
    expect(router.status()).toMatchObject({ serving: one.ref, byHand: false });
    expect(news()).toEqual(['failover-recovered']);
    expect(told.at(-1)).toEqual(['failover-recovered', { from: two.ref, to: one.ref }]);
  });

  test('is not moved back by a rule either', async () => {
    const { router, two, three } = await moved({ rules: [{ on: 'ERROR_RATE', then: 'SWITCH' }] });
    two.down();
    expect(router.entry()?.connection).toEqual(three.ref);
    three.down();
    expect(router.entry()).toEqual({ connection: three.ref, decision: { kind: 'refuse' } });
  });

  test('takes entries along without a rule that says otherwise, even past rules for outages', async () => {
    const { router, one, two } = await moved({ rules: [{ on: 'ERROR_RATE', then: 'QUEUE' }] });
    one.down();
    expect(router.entry()).toEqual({ connection: two.ref, decision: { kind: 'serve-here' } });
  });

  test('lets entries wait where a MANUAL rule says so, until it is led back', async () => {
    const { manual, router, one, two } = await moved({ rules: [{ on: 'MANUAL', then: 'QUEUE' }] });
    expect(router.entry()).toEqual({ connection: one.ref, decision: { kind: 'queue', expiresMs: 60_000 } });
    expect(router.mayDrain(one)).toBe(false);
    expect(router.mayDrain(two)).toBe(true);
    expect(router.forMarketData().ready[0]).toBe(two);
    manual.confirm((await manual.preview({ to: one.ref })).token);
    expect(router.mayDrain(one)).toBe(true);
    expect(router.entry()).toEqual({ connection: one.ref, decision: { kind: 'serve-here' } });
  });
});
