import type { CommandReply } from '@algo/core/adapter';
import type { OrderOutcome } from '@algo/core';
import type { AttemptRow, AttemptState } from '@algo/core/store';
import { ATTEMPT_STATES } from '../../src/contract/order-journal.js';
import { createFakeClock, TRADING_DAY_MS } from '@algo/testkit';
import type { FakeClock } from '@algo/testkit';
import { describe, expect, test } from 'vitest';
import { buy, never, orderOf, startAttack, until, within } from './support.js';

const unknown: CommandReply = { kind: 'unknown', why: 'lost' };
const DAY_MS = 86_400_000;

const settledOf = (outcome: unknown): Promise<OrderOutcome> => {
  if (typeof outcome === 'object' && outcome !== null && 'settled' in outcome)
    return outcome.settled as Promise<OrderOutcome>;
  throw new Error(`must be unknown, was ${JSON.stringify(outcome)}`);
};

/** Steps small enough that every look has its time, and counts how long it took. */
async function settle(clock: FakeClock, outcome: unknown, limitMs = 600_000) {
  const began = clock.monotonic();
  const settled = await clock.runUntil(settledOf(outcome), { stepMs: 250, limitMs, realMs: 0 });
  return { settled, tookMs: clock.monotonic() - began };
}

describe('absence', () => {
  test('is not proven by a book that lacks an order acknowledged after the lost one', async () => {
    let lose = false;
    let frozen: readonly ReturnType<typeof orderOf>[] | null = null;
    const { me, clock } = await startAttack({
      grade: 'G1',
      script: ({ exchange }) => ({
        placeOrder: async (command): Promise<CommandReply> => {
          const brokerOrderId = exchange.accept(command);
          return lose ? unknown : { kind: 'acknowledged', brokerOrderId };
        },
        ordersByTag: async () => null,
        orderBook: async () => ({ orders: frozen ?? [...exchange.orders], complete: true }),
      }),
    });
    await within(clock, me.orders.place(buy({ clientOrderId: 'before' })), 100);
    frozen = [orderOf({ brokerOrderId: 'B1' })]; // a replica that stands still from here on
    lose = true;
    const lost = await within(clock, me.orders.place(buy({ clientOrderId: 'lost' })), 100); // taken
    lose = false;
    await clock.advance(1_000);
    expect(await within(clock, me.orders.place(buy({ clientOrderId: 'after' })), 100)).toMatchObject({
      kind: 'accepted',
    });
    const { settled } = await settle(clock, lost);
    expect(settled.kind).toBe('unknown'); // at 130 s the book still lacks an order acknowledged at 1 s
  });

  test('is not proven by a book that lists an order like ours without its tag', async () => {
    const { me, clock } = await startAttack({
      grade: 'G1',
      script: ({ exchange }) => ({
        placeOrder: async (command): Promise<CommandReply> => {
          exchange.accept(command);
          return unknown;
        },
        ordersByTag: async () => null,
        orderBook: async () => ({
          orders: exchange.orders.map((order) => ({ ...order, tag: null, placedAtMs: clock.now() })),
          complete: true,
        }),
      }),
    });
    const lost = await within(clock, me.orders.place(buy({ clientOrderId: 'lost' })), 100);
    const { settled } = await settle(clock, lost);
    expect(settled.kind).toBe('unknown');
  });

  test('is not proven by a look-up that answers with an order whose tag is not shown', async () => {
    let lose = false;
    const { me, clock } = await startAttack({
      script: ({ exchange }) => ({
        placeOrder: async (command): Promise<CommandReply> => {
          const brokerOrderId = exchange.accept(command);
          return lose ? unknown : { kind: 'acknowledged', brokerOrderId };
        },
        // The broker finds it by tag and prints no tag; its book does not either.
        ordersByTag: async (tag) =>
          exchange.orders.filter((order) => order.tag === tag).map((order) => ({ ...order, tag: null })),
        orderBook: async () => ({ orders: exchange.orders.map((order) => ({ ...order, tag: null })), complete: true }),
      }),
    });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c0' })), 100);
    lose = true;
    const lost = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const { settled } = await settle(clock, lost);
    expect(settled.kind).not.toBe('not-sent');
  });

  test('is proven on the second day of a process as on the first', async () => {
    let lose = false;
    let day = 0;
    const byDay: ReturnType<typeof orderOf>[][] = [[], []];
    const { me, clock } = await startAttack({
      script: () => ({
        placeOrder: async ({ tag }): Promise<CommandReply> => {
          if (lose) return unknown;
          byDay[day]?.push(orderOf({ brokerOrderId: `D${day}${byDay[day]?.length ?? 0}`, tag }));
          return { kind: 'acknowledged', brokerOrderId: byDay[day]?.at(-1)?.brokerOrderId ?? '' };
        },
        ordersByTag: async (tag) => (byDay[day] ?? []).filter((order) => order.tag === tag),
        orderBook: async () => ({ orders: byDay[day] ?? [], complete: true }),
      }),
    });
    await within(clock, me.orders.place(buy({ clientOrderId: 'monday' })), 100);
    await clock.advance(DAY_MS);
    day = 1;
    await within(clock, me.orders.place(buy({ clientOrderId: 'tuesday' })), 100);
    lose = true;
    const lost = await within(clock, me.orders.place(buy({ clientOrderId: 'lost' })), 100);
    const { settled } = await settle(clock, lost);
    expect(settled).toMatchObject({ kind: 'not-sent', proof: { by: 'absent' } });
  });

  test.each([600_000, -600_000])(
    'is not proven earlier or later by a wall clock that jumps %i ms and back',
    async (jump) => {
      let lose = false;
      const { me, clock } = await startAttack({
        script: ({ exchange }) => ({
          placeOrder: async (command): Promise<CommandReply> =>
            lose ? unknown : { kind: 'acknowledged', brokerOrderId: exchange.accept(command) },
        }),
      });
      await within(clock, me.orders.place(buy({ clientOrderId: 'c0' })), 100);
      lose = true;
      const lost = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
      await clock.advance(5_000);
      clock.jump(jump);
      await clock.advance(5_000);
      clock.jump(-jump);
      const { settled, tookMs } = await settle(clock, lost);
      expect(settled).toMatchObject({ kind: 'not-sent', proof: { by: 'absent' } });
      expect(tookMs + 10_000).toBeGreaterThanOrEqual(120_000);
      expect(tookMs).toBeLessThan(150_000);
    },
  );

  test('is not proven over midnight: the order is surfaced', async () => {
    const clock = createFakeClock(TRADING_DAY_MS + 13 * 3_600_000 + 3_500_000); // 23:58:20 IST
    let lose = false;
    const { me } = await startAttack({
      clock,
      script: ({ exchange }) => ({
        placeOrder: async (command): Promise<CommandReply> =>
          lose ? unknown : { kind: 'acknowledged', brokerOrderId: exchange.accept(command) },
      }),
    });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c0' })), 100);
    lose = true;
    const surfaced: string[] = [];
    me.on('order-unresolved', ({ clientOrderId }) => void surfaced.push(clientOrderId));
    const lost = await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const { settled } = await settle(clock, lost);
    expect(settled.kind).toBe('unknown');
    expect(surfaced).toEqual(['c1']);
  });

  test("of a cancel is not judged by somebody else's order", async () => {
    const { me, clock } = await startAttack({
      script: () => ({
        cancelOrder: async () => unknown,
        order: async () => orderOf({ brokerOrderId: 'OTHER', status: 'CANCELLED' }),
      }),
    });
    await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const cancel = await within(clock, me.orders.cancel({ clientOrderId: 'c1' }), 100);
    const { settled } = await settle(clock, cancel);
    expect(settled.kind).not.toBe('accepted');
  });
});

describe('an order that nobody can account for', () => {
  test('is surfaced in time while every look-up hangs and every book fails', async () => {
    let down = false;
    const attack = await startAttack({
      script: ({ exchange }) => ({
        placeOrder: async () => unknown,
        ordersByTag: never,
        orderBook: async () => {
          if (down) throw new Error('down');
          return { orders: [...exchange.orders], complete: true };
        },
      }),
    });
    down = true;
    const lost = await within(attack.clock, attack.me.orders.place(buy({ clientOrderId: 'c1' })), 100);
    const { settled, tookMs } = await settle(attack.clock, lost);
    expect(settled.kind).toBe('unknown');
    expect(tookMs).toBeLessThanOrEqual(160_000); // the window, 20 s, two looks
  });

  test('is surfaced in time when there are sixty of them and the broker takes two seconds for each look-up', async () => {
    let down = false;
    const { me, clock } = await startAttack({
      script: ({ exchange, clock: time }) => ({
        placeOrder: async () => (down ? unknown : { kind: 'acknowledged', brokerOrderId: 'X' }),
        ordersByTag: () => new Promise((resolve) => void time.after(2_000, () => resolve([]))),
        orderBook: async () => ({ orders: [...exchange.orders], complete: false }),
      }),
    });
    down = true;
    const lost: unknown[] = [];
    for (let at = 0; at < 60; at += 1) {
      lost.push(await within(clock, me.orders.place(buy({ clientOrderId: `c${at}` })), 100));
      if (at % 4 === 3) await clock.advance(61_000 / 15); // stays below what opens the breaker for good
    }
    const unknowns = lost.filter((outcome) => typeof outcome === 'object' && outcome !== null && 'settled' in outcome);
    const last = unknowns.at(-1);
    const { tookMs } = await settle(clock, last, 3_600_000);
    expect(tookMs).toBeLessThanOrEqual(160_000);
  });
});

test('a restart brings rows of every state to an end that is true, and sends nothing', async () => {
  const attack = await startAttack();
  const { algo, store, clock, exchange } = attack;
  await within(clock, algo.close(), 2_000);
  const now = clock.now();
  const row = (state: AttemptState, kind: AttemptRow['kind']): AttemptRow => ({
    userId: 'u1',
    broker: 'fake',
    account: 'main',
    tag: `${kind}${state}`
      .toUpperCase()
      .replace(/[^A-Z]/g, '')
      .slice(0, 15),
    kind,
    clientOrderId: `${kind}-${state}`,
    number: 1,
    owner: '',
    request:
      kind === 'place'
        ? '{"instrument":"NSE:RELIANCE","side":"BUY","quantity":1,"type":"LIMIT","price":1390,"triggerPrice":null,"product":"CNC","validity":"DAY"}'
        : '{}',
    state,
    tradingDay: '2026-11-20',
    createdAtMs: now,
    sendByMs: now + 5_000,
    brokerOrderId: state === 'ACKNOWLEDGED' ? 'B9' : null,
    detail: null,
    updatedAtMs: now,
  });
  for (const state of ATTEMPT_STATES) await store.journal.add(row(state, 'place'));
  for (const state of ATTEMPT_STATES)
    await store.journal.add({ ...row(state, 'cancel'), clientOrderId: `place-${state}` });
  const placedBefore = exchange.orders.length;
  exchange.orders.push(orderOf({ brokerOrderId: 'B9', tag: 'PLACEACKNOWLEDG' }));
  const { me } = await attack.again();
  for (let step = 0; step < 400; step += 1) await clock.advance(1_000);
  expect(exchange.orders.length).toBe(placedBefore + 1);
  const states = Object.fromEntries(
    await Promise.all(
      ATTEMPT_STATES.map(async (state) => [state, (await me.orders.get(`place-${state}`))?.state] as const),
    ),
  );
  expect(states).toEqual({
    INTENT: 'NOT_SENT',
    SUBMITTING: 'ABSENT',
    ACKNOWLEDGED: 'ACKNOWLEDGED',
    REJECTED: 'REJECTED',
    NOT_SENT: 'NOT_SENT',
    AMBIGUOUS: 'ABSENT',
    FOUND: 'FOUND',
    ABSENT: 'ABSENT',
    UNRESOLVED: 'ABSENT',
  });
});

test('a rejected row whose reason this version does not know is still not an accepted order', async () => {
  const attack = await startAttack();
  const { store, me, clock } = attack;
  await within(clock, me.orders.place(buy({ clientOrderId: 'c0' })), 100);
  const [known] = await store.journal.attemptsOf('u1', 'c0');
  if (known === undefined) throw new Error('must be there');
  await store.journal.add({
    ...known,
    clientOrderId: 'c1',
    tag: 'NEWERVERSION222',
    state: 'REJECTED',
    brokerOrderId: null,
    detail: '{"kind":"rejected","reason":"a-new-reason","brokerCode":null,"brokerText":"no"}',
  });
  expect((await me.orders.get('c1'))?.outcome.kind).not.toBe('accepted');
  expect(await within(clock, me.orders.place(buy({ clientOrderId: 'c1' })), 100)).not.toMatchObject({
    kind: 'accepted',
  });
});

test('a connection made again while orders are in flight disturbs none of them', async () => {
  const replies: ((reply: CommandReply) => void)[] = [];
  let refuse = false;
  const { me, clock, store } = await startAttack({
    unattended: false,
    script: ({ exchange }) => ({
      placeOrder: (command) =>
        refuse
          ? Promise.resolve({ kind: 'rejected', reason: 'session', brokerCode: null, brokerText: '' })
          : new Promise<CommandReply>((resolve) =>
              replies.push(() => resolve({ kind: 'acknowledged', brokerOrderId: exchange.accept(command) })),
            ),
    }),
  });
  const slow = [1, 2, 3].map((at) => me.orders.place(buy({ clientOrderId: `s${at}`, deadlineMs: 30_000 })));
  await until(() => replies.length === 3);
  refuse = true;
  await within(clock, me.orders.place(buy({ clientOrderId: 'r' })), 500);
  await me.credentials.put('fake', 'main', { clientId: 'A', token: 'token-number-2' });
  await within(clock, me.retryConnection({ broker: 'fake', account: 'main' }), 2_000);
  for (const reply of replies) reply(unknown);
  const outcomes = await within(clock, Promise.all(slow), 2_000);
  expect(outcomes).toMatchObject([{ kind: 'accepted' }, { kind: 'accepted' }, { kind: 'accepted' }]);
  for (const at of [1, 2, 3]) expect((await store.journal.attemptsOf('u1', `s${at}`))[0]?.state).toBe('ACKNOWLEDGED');
});
