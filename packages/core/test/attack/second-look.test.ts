import { describe, expect, test } from 'vitest';
import type { OrderOutcome } from '@algo/core';
import { buy, never, startAttack, within } from './support.js';

describe('a journal that can neither be written nor read', () => {
  test('settles a reused id without a rejection nobody could catch', async () => {
    let down = false;
    const { me, clock, run } = await startAttack({
      journal: (journal) => ({
        ...journal,
        add: (row) => (down ? Promise.reject(new Error('down')) : journal.add(row)),
        attemptsOf: (user, id) => (down ? Promise.reject(new Error('down')) : journal.attemptsOf(user, id)),
      }),
    });
    await run(me.orders.place(buy({ clientOrderId: 'c1' })));
    down = true;
    const other = await run(me.orders.place(buy({ clientOrderId: 'c1', quantity: 2 })));
    expect(other.kind).toBe('unknown');
    down = false;
    const settled: OrderOutcome = other.kind === 'unknown' ? await clock.runUntil(other.settled) : other;
    expect(settled).toMatchObject({ kind: 'not-sent', proof: { why: 'journal-unavailable' } });
  });
});

describe('a modify', () => {
  test('behind a cancel that waits is answered at its own deadline and not sent later', async () => {
    let modified = 0;
    let placed = 0;
    const { me, clock } = await startAttack({
      script: () => ({
        placeOrder: () => {
          placed += 1;
          return never();
        },
        modifyOrder: async ({ brokerOrderId }) => {
          modified += 1;
          return { kind: 'acknowledged', brokerOrderId };
        },
        ordersByTag: () => never(),
        orderBook: () => (placed > 0 ? never() : Promise.resolve({ orders: [], complete: true })),
      }),
    });
    const place = await within(clock, me.orders.place(buy({ clientOrderId: 'c1', deadlineMs: 100 })), 1_000);
    expect(place).toMatchObject({ kind: 'unknown' });
    void me.orders.cancel({ clientOrderId: 'c1', deadlineMs: 60_000 });
    const modify = me.orders.modify({ clientOrderId: 'c1', price: 101, deadlineMs: 1_000 });
    expect(await within(clock, modify, 1_500)).toMatchObject({
      kind: 'not-sent',
      proof: { by: 'gate', why: 'deadline' },
    });
    expect(modified).toBe(0);
  });
});

test('a raw command of an adapter with a client of its own is never called unsent', async () => {
  const { connection, run } = await startAttack({
    usesOwnClient: true,
    script: () => ({ raw: () => Promise.reject(new Error('lost')) }),
  });
  const failure: unknown = await run(
    connection.raw({ purpose: 'command', method: 'POST', path: '/x' }).then(
      () => null,
      (error: unknown) => error,
    ),
  );
  expect(failure).toMatchObject({ effect: 'unknown' });
});
