import { describe, expect, test } from 'vitest';
import type { FailoverRule } from '../src/routing/failover-strategy.js';
import { routed } from './failover-support.js';

const SWITCH: readonly FailoverRule[] = [{ on: 'ERROR_RATE', then: 'SWITCH' }];

describe('without a strategy', () => {
  test('the one that is named serves, and with several nothing is guessed', () => {
    const { router, connections, one, two } = routed(null);
    expect(router.choose(two.ref)).toBe(two);
    expect(() => router.choose(undefined)).toThrow(expect.objectContaining({ code: 'ALGO_CONNECTION_UNCLEAR' }));
    expect(router.entry()).toBeNull();
    expect(router.status()).toBeNull();
    connections.splice(1);
    expect(router.choose(undefined)).toBe(one);
  });

  test('nothing is told and nothing moves, whatever breaks', () => {
    const { router, one, two, three, told, clock } = routed(null);
    for (const connection of [one, two, three]) connection.down();
    router.noticed();
    router.foundNobody();
    const failed = {
      operation: 'entry',
      connection: one,
      rejection: null,
      mayMove: true,
      pinned: false,
      tried: [],
    } as const;
    expect(router.afterFailure(failed)).toEqual({ kind: 'refuse' });
    expect(told).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});

describe('before an entry', () => {
  test('the primary serves while nothing is wrong, and no timer runs', () => {
    const { router, one, told, clock } = routed({ rules: SWITCH });
    expect(router.entry()).toEqual({ connection: one.ref, decision: { kind: 'serve-here' } });
    expect(told).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  test('a primary that is down is left for the first backup, and that is told once', () => {
    const { router, one, two, told } = routed({ rules: SWITCH });
    one.down();
    expect(router.entry()).toEqual({ connection: two.ref, decision: { kind: 'serve-here' } });
    expect(router.entry()?.connection).toEqual(two.ref);
    expect(told).toEqual([['failover-switched', { from: one.ref, to: two.ref, why: 'down, or too many failures' }]]);
  });

  test('an order lane whose breaker is open is down, whatever the others do', () => {
    const { router, one, two } = routed({ rules: SWITCH });
    one.broken.add('data');
    expect(router.entry()?.connection).toEqual(one.ref);
    one.broken.add('orders');
    expect(router.entry()?.connection).toEqual(two.ref);
  });

  test('a backup that is down, has missed deadlines itself or was never connected is passed over', () => {
    const rules: readonly FailoverRule[] = [{ on: 'TIMEOUT', then: 'SWITCH' }];
    const { router, connections, one, two, three } = routed({ rules });
    one.traffic = { misses60s: 3, calls5m: 3, failures5m: 3 };
    two.traffic = { misses60s: 3, calls5m: 3, failures5m: 3 };
    expect(router.entry()?.connection).toEqual(three.ref);
    const others = routed({ rules: SWITCH });
    others.one.down();
    others.connections.splice(1, 1);
    expect(others.router.entry()?.connection).toEqual(others.three.ref);
    expect(connections).toHaveLength(3);
  });

  test('with nowhere to go a primary that still takes orders keeps them, and one that is down refuses', () => {
    const { router, one, two, three, news } = routed({
      rules: [
        { on: 'TIMEOUT', then: 'SWITCH' },
        { on: 'ERROR_RATE', then: 'SWITCH' },
      ],
    });
    two.down();
    three.down();
    one.traffic = { misses60s: 3, calls5m: 3, failures5m: 3 };
    expect(router.entry()).toEqual({ connection: one.ref, decision: { kind: 'serve-here' } });
    expect(news()).toEqual([]);
    one.down();
    expect(router.entry()).toEqual({ connection: one.ref, decision: { kind: 'refuse' } });
    expect(news()).toEqual(['brokers-down']);
  });

  test('without rules entries are refused while the primary is down, and go to no backup', () => {
    const { router, one } = routed();
    one.down();
    expect(router.entry()).toEqual({ connection: one.ref, decision: { kind: 'refuse' } });
  });

  test('a rule that queues leaves them with the primary', () => {
    const { router, one } = routed({ rules: [{ on: 'ERROR_RATE', then: 'QUEUE', expiresMs: 5_000 }] });
    one.down();
    expect(router.entry()).toEqual({ connection: one.ref, decision: { kind: 'queue', expiresMs: 5_000 } });
    expect(router.mayDrain(one)).toBe(false);
    one.up();
    expect(router.mayDrain(one)).toBe(true);
  });

  test('a call that names its connection is pinned to it', () => {
    const { router, one, two } = routed({ rules: SWITCH });
    one.down();
    router.entry();
    expect(router.choose(one.ref)).toBe(one);
    expect(router.choose(undefined)).toBe(two);
  });
});

describe('after an order that had no effect', () => {
  const failed = { operation: 'entry', rejection: null, mayMove: false, pinned: false, tried: [] } as const;

  test('an entry goes on to the next, and so do those after it', () => {
    const { router, one, two, three, news } = routed({ rules: SWITCH });
    expect(router.afterFailure({ ...failed, connection: one })).toEqual({ kind: 'switch', to: two.ref });
    expect(router.entry()?.connection).toEqual(two.ref);
    expect(news()).toEqual(['failover-switched']);
    expect(router.afterFailure({ ...failed, connection: two, tried: [one.ref, two.ref] })).toEqual({
      kind: 'switch',
      to: three.ref,
    });
    expect(router.afterFailure({ ...failed, connection: three, tried: [one.ref, two.ref, three.ref] })).toEqual({
      kind: 'refuse',
    });
  });

  test('one whose caller named the connection stays there', () => {
    const { router, one, news } = routed({ rules: SWITCH });
    expect(router.afterFailure({ ...failed, connection: one, pinned: true })).toEqual({ kind: 'refuse' });
    expect(router.entry()?.connection).toEqual(one.ref);
    expect(news()).toEqual([]);
  });

  test('what only that order lacked moves that order alone', () => {
    const { router, one, two, news } = routed({ rules: [{ on: 'ERROR_RATE', then: 'SWITCH', onMargin: true }] });
    for (const rejection of ['margin', 'not-enabled'] as const) {
      expect(router.afterFailure({ ...failed, connection: one, rejection })).toEqual({ kind: 'switch', to: two.ref });
    }
    expect(router.entry()?.connection).toEqual(one.ref);
    expect(news()).toEqual([]);
    expect(router.afterFailure({ ...failed, connection: one, rejection: 'static-ip' })).toMatchObject({ to: two.ref });
    expect(router.entry()?.connection).toEqual(two.ref);
  });

  test('a refusal that goes with the order ends it', () => {
    const { router, one } = routed({ rules: SWITCH });
    for (const rejection of ['price', 'quantity', 'market-closed', 'instrument', 'margin', 'other'] as const) {
      expect(router.afterFailure({ ...failed, connection: one, rejection })).toEqual({ kind: 'refuse' });
    }
  });

  test('an exit is tried again at its broker, and leaves it only by the word of its caller', () => {
    const { router, one, two, news } = routed({ rules: SWITCH });
    one.down();
    const exit = { ...failed, operation: 'exit', connection: one } as const;
    expect(router.afterFailure(exit)).toEqual({ kind: 'retry', tries: 2 });
    expect(router.afterFailure({ ...exit, mayMove: true })).toEqual({ kind: 'switch', to: two.ref });
    expect(news()).toEqual([]); // one exit moves nothing else
  });
});

describe('back to the primary', () => {
  const away = (recovery = {}): ReturnType<typeof routed> => {
    const setting = routed({ rules: SWITCH, recovery });
    setting.one.down();
    setting.router.entry();
    setting.news();
    return setting;
  };

  test('after sixty healthy seconds, by itself, told once', async () => {
    const { router, one, two, clock, told, news } = away();
    one.up();
    await clock.advance(59_000);
    expect(router.entry()?.connection).toEqual(two.ref);
    await clock.advance(3_000);
    expect(news()).toEqual(['failover-recovered']);
    expect(told.at(-1)).toEqual(['failover-recovered', { from: two.ref, to: one.ref }]);
    expect(router.entry()?.connection).toEqual(one.ref);
    expect(clock.timers).toBe(0);
  });

  test('a break begins the stretch anew, also one that nobody placed an order in', async () => {
    const { router, one, two, clock, news } = away();
    one.up();
    await clock.advance(50_000);
    one.broken.add('data');
    router.noticed(); // its breaker changed
    one.up();
    router.noticed();
    await clock.advance(50_000);
    expect(router.entry()?.connection).toEqual(two.ref);
    expect(news()).toEqual([]);
    await clock.advance(12_000);
    expect(news()).toEqual(['failover-recovered']);
  });

  test('not while a rule still matches the primary', async () => {
    const { one, clock, news } = away();
    one.up();
    one.traffic = { misses60s: 0, calls5m: 20, failures5m: 10 };
    await clock.advance(200_000);
    expect(news()).toEqual([]);
    one.traffic = { misses60s: 0, calls5m: 20, failures5m: 9 };
    await clock.advance(62_000);
    expect(news()).toEqual(['failover-recovered']);
  });

  test('each relapse doubles the stretch, up to sixteen minutes, and a long good time forgets them', async () => {
    const { router, one, clock, news } = away();
    const stretches: number[] = [];
    for (let relapse = 0; relapse < 7; relapse += 1) {
      one.up();
      const began = clock.monotonic();
      while (news().length === 0) await clock.advance(1_000);
      stretches.push(Math.round((clock.monotonic() - began) / 60_000));
      one.down();
      router.entry();
      news();
    }
    expect(stretches).toEqual([1, 2, 4, 8, 16, 16, 16]);
    one.up();
    while (news().length === 0) await clock.advance(1_000);
    await clock.advance(961_000);
    one.down();
    router.entry();
    expect(router.status()?.byHand).toBe(false);
    one.up();
    news();
    await clock.advance(62_000);
    expect(news()).toEqual(['failover-recovered']);
  });

  test('a primary that flaps every second gets no calls', async () => {
    const { router, one, two, clock, news } = away();
    for (let second = 0; second < 600; second += 1) {
      if (second % 2 === 0) one.up();
      else one.down();
      router.noticed();
      await clock.advance(1_000);
      expect(router.entry()?.connection).toEqual(two.ref);
    }
    expect(news()).toEqual([]);
  });

  test('a jump of the wall clock hurries nothing', async () => {
    const { router, one, two, clock } = away();
    one.up();
    await clock.advance(2_000);
    clock.jump(600_000);
    await clock.advance(2_000);
    expect(router.entry()?.connection).toEqual(two.ref);
    clock.jump(-1_200_000);
    await clock.advance(58_000);
    expect(router.entry()?.connection).toEqual(one.ref);
  });

  test('only a person leads back where the strategy says so', async () => {
    const { router, one, two, clock, news } = away({ automatic: false });
    one.up();
    await clock.advance(3_600_000);
    expect(router.entry()?.connection).toEqual(two.ref);
    expect(clock.timers).toBe(0);
    router.moveByHand(one.ref);
    expect(router.entry()?.connection).toEqual(one.ref);
    expect(news()).toEqual(['failover-recovered']);
  });

  test('the strategy sets how long it takes, and the status tells when', async () => {
    const { router, one, clock, news } = away({ healthyMs: 5_000 });
    expect(router.status()).toMatchObject({ byHand: false, returnsAtMs: null });
    one.up();
    router.noticed();
    expect(router.status()?.returnsAtMs).toBe(clock.now() + 5_000);
    await clock.advance(6_000);
    expect(news()).toEqual(['failover-recovered']);
  });

  test('when the backup goes too, another backup comes before a primary that has not proven itself', () => {
    const { router, one, two, three } = away();
    one.up();
    two.down();
    expect(router.entry()?.connection).toEqual(three.ref);
    three.down();
    expect(router.entry()?.connection).toEqual(one.ref);
  });
});

describe('all brokers down', () => {
  test('is told once, and once that one is back', async () => {
    const { router, one, two, three, clock, told, news } = routed({ rules: SWITCH });
    router.noticed();
    for (const connection of [one, two, three]) {
      connection.down();
      router.noticed();
    }
    expect(news()).toEqual(['brokers-down']);
    router.entry();
    router.foundNobody();
    router.noticed();
    await clock.advance(5_000);
    expect(news()).toEqual([]);
    three.up();
    router.noticed();
    expect(news()).toEqual(['brokers-up']);
    expect(told.at(-1)).toEqual(['brokers-up', { connection: three.ref, downForMs: 5_000 }]);
    await clock.advance(2_000);
    expect(clock.timers).toBe(0);
  });

  test('is not told while one is still connecting, nor before anything was ever connected', () => {
    const { router, one, two, three, news } = routed();
    for (const connection of [one, two, three]) connection.down();
    router.noticed();
    expect(news()).toEqual([]);
    one.up();
    router.noticed();
    one.state = { status: 'connecting' };
    router.noticed();
    expect(news()).toEqual([]);
    one.down();
    router.noticed();
    expect(news()).toEqual(['brokers-down']);
  });

  test('a broker whose orders fail and whose reads work is not down', () => {
    const { router, one, two, three, news } = routed();
    router.noticed();
    two.down();
    three.down();
    one.broken.add('orders');
    router.noticed();
    router.entry();
    expect(news()).toEqual([]);
  });
});

test('the same strategy again changes nothing, another one begins at its primary', () => {
  const { router, one, two, three } = routed({ rules: SWITCH });
  one.down();
  router.entry();
  router.use({ primary: one.ref, backups: [two.ref, three.ref], rules: SWITCH });
  expect(router.status()?.serving).toEqual(two.ref);
  router.use({ primary: three.ref, backups: [], rules: [] });
  expect(router.status()?.serving).toEqual(three.ref);
  router.use(null);
  expect(router.status()).toBeNull();
});

test('closed, it leaves no timer and watches nothing', async () => {
  const { router, watch, one, clock, news } = routed({ rules: SWITCH });
  one.down();
  router.entry();
  expect(clock.timers).toBe(1);
  router.close();
  expect(clock.timers).toBe(0);
  one.up();
  news();
  await clock.advance(200_000);
  router.noticed();
  expect(news()).toEqual([]);
  watch.close();
  watch.add(() => undefined);
  expect(clock.timers).toBe(0);
});

test('a hundred users away from home share one timer', () => {
  const { clock, watch } = routed({ rules: SWITCH });
  const ends = Array.from({ length: 100 }, () => watch.add(() => undefined));
  expect(clock.timers).toBe(1);
  for (const end of ends) end();
  expect(clock.timers).toBe(0);
});
