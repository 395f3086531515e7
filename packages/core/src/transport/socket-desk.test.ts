import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import type { Lane } from '../contract/http.js';
import { Deadline } from '../resilience/deadline.js';
import type { Urgency } from '../resilience/urgency.js';
import { createTicker } from '../runtime/ticker.js';
import { SocketDesk } from './socket-desk.js';
import { SocketSlot } from './socket-slot.js';
import { Sockets } from './sockets.js';

/** Nothing is connected here: a client opens its socket with the first request. */
function start(limits: { total?: number; perUser?: number }) {
  const clock = createFakeClock();
  const ticker = createTicker(clock);
  const desk = new SocketDesk({ clock, ...limits });
  const all = new Map<string, Sockets>();
  onTestFinished(async () => {
    for (const sockets of all.values()) await sockets.close();
  });
  const of = (userId: string, lane: Lane = 'reads'): Sockets => {
    const name = `${userId} ${lane}`;
    const sockets =
      all.get(name) ??
      new Sockets({ userId, lane, desk, origin: 'http://127.0.0.1:9', localAddress: null, proxy: null });
    all.set(name, sockets);
    return sockets;
  };
  const seeker = (urgency: Urgency, deadlineMs: number) => ({
    urgency,
    deadline: new Deadline(deadlineMs, () => clock.monotonic(), ticker),
  });
  const take = (userId: string, urgency: Urgency = 'read', lane: Lane = 'reads'): SocketSlot => {
    const slot = of(userId, lane).take(seeker(urgency, 10_000));
    if (slot instanceof SocketSlot) return slot;
    throw new Error('it had to wait');
  };
  const served: string[] = [];
  const slots = new Map<string, SocketSlot>();
  /** Takes one that has to be waited for; its name is noted when it comes, or its error. */
  const ask = (
    name: string,
    userId: string,
    urgency: Urgency = 'read',
    lane: Lane = 'reads',
    deadlineMs = 10_000,
  ): void => {
    const slot = of(userId, lane).take(seeker(urgency, deadlineMs));
    if (slot instanceof SocketSlot) throw new Error(`${name} did not have to wait`);
    slot.then(
      (had) => {
        served.push(name);
        slots.set(name, had);
      },
      (error: unknown) =>
        void served.push(`${name}: ${error instanceof Error && 'code' in error ? String(error.code) : 'error'}`),
    );
  };
  const giveBack = async (slot: SocketSlot | undefined): Promise<void> => {
    slot?.owner.giveBack(slot);
    await settle();
  };
  return { clock, desk, of, take, ask, served, slots, giveBack };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('beyond the bound the socket that has been idle longest, whoever has it, makes place for a new one', async () => {
  const { desk, of, take, giveBack, clock } = start({ total: 3 });
  const [oldest, newer] = [take('a'), take('b')];
  take('c');
  await giveBack(oldest);
  await clock.advance(1_000);
  await giveBack(newer);
  take('d');
  expect([oldest.client.destroyed, newer.client.destroyed]).toEqual([true, false]);
  expect([of('a').open, of('b').open, of('d').open]).toEqual([0, 1, 1]);
  take('d');
  expect(newer.client.destroyed).toBe(true);
  expect(desk.counts()).toEqual({ open: 3, idle: 0, waiting: 0, users: 2 });
});

test('users take turns however many calls one of them has waiting', async () => {
  const { take, ask, served, slots, giveBack, desk } = start({ total: 2 });
  const first = [take('flood'), take('flood')];
  for (const name of ['f1', 'f2', 'f3', 'f4']) ask(name, 'flood');
  ask('a1', 'a');
  ask('a2', 'a');
  ask('b1', 'b');
  for (const slot of first) await giveBack(slot);
  for (const name of ['f1', 'a1', 'b1', 'f2', 'a2']) await giveBack(slots.get(name));
  expect(served).toEqual(['f1', 'a1', 'b1', 'f2', 'a2', 'f3', 'f4']);
  expect(desk.counts()).toMatchObject({ open: 2, waiting: 0 });
});

test("of one user's calls cancels go first, then exits, changes, entries, log-ins, reads and data", async () => {
  const { take, ask, served, slots, giveBack } = start({ total: 1 });
  const only = take('a');
  ask('data', 'a', 'read', 'data');
  ask('read', 'a', 'read', 'reads');
  ask('log-in', 'a', 'read', 'auth');
  ask('entry', 'a', 'entry', 'orders');
  ask('modify', 'a', 'modify', 'orders');
  ask('exit', 'a', 'exit', 'orders');
  ask('cancel', 'a', 'cancel', 'orders');
  await giveBack(only);
  for (const name of ['cancel', 'exit', 'modify', 'entry', 'log-in', 'read']) await giveBack(slots.get(name));
  expect(served).toEqual(['cancel', 'exit', 'modify', 'entry', 'log-in', 'read', 'data']);
});

test('a flood of one user leaves a part for users that have few, and for cancels', async () => {
  const { take, ask, served } = start({ total: 16 });
  for (let count = 0; count < 14; count += 1) take('flood');
  ask('flood waits', 'flood');
  await settle();
  expect(served).toEqual([]);
});

test('what is kept back goes to a user that has none, or to a cancel of anybody, without waiting', () => {
  const { take, desk } = start({ total: 16 });
  for (let count = 0; count < 14; count += 1) take('flood');
  expect(take('other').owner.userId).toBe('other');
  expect(take('flood', 'cancel', 'orders').owner.lane).toBe('orders');
  expect(desk.counts().open).toBe(16);
});

test('who waits for what is kept back does not hold up a user that may have it', async () => {
  const { take, ask, served } = start({ total: 16 });
  for (let count = 0; count < 14; count += 1) take('flood');
  ask('flood', 'flood');
  await settle();
  expect([take('small').owner.userId, served]).toEqual(['small', []]);
});

test('at the bound of one user his own idle socket goes, and else only he waits', async () => {
  const { take, ask, served, giveBack, of, slots } = start({ total: 100, perUser: 2 });
  const one = take('a');
  const two = take('a');
  await giveBack(one);
  take('a', 'entry', 'orders');
  expect([one.client.destroyed, of('a').open, of('a', 'orders').open]).toEqual([true, 1, 1]);
  ask('third', 'a', 'cancel', 'orders');
  take('b');
  await giveBack(two);
  expect(served).toEqual(['third']);
  expect(slots.get('third')?.owner).toBe(of('a', 'orders'));
});

test('who waits hears at the deadline, and is not served after', async () => {
  const { take, ask, served, giveBack, clock, desk } = start({ total: 1 });
  const only = take('a');
  ask('late', 'b', 'entry', 'orders', 200);
  ask('next', 'c');
  await clock.advance(300);
  await settle();
  expect(served).toEqual(['late: ALGO_DEADLINE']);
  await giveBack(only);
  expect(served).toEqual(['late: ALGO_DEADLINE', 'next']);
  expect(desk.counts().waiting).toBe(0);
});

test('closing ends who waits for these sockets and serves the others', async () => {
  const { take, ask, served, of, desk } = start({ total: 1 });
  take('a');
  ask('of a', 'a');
  ask('of b', 'b');
  await of('a').close();
  await settle();
  expect(served.toSorted()).toEqual(['of a: ALGO_CLOSED', 'of b']);
  expect(desk.counts()).toEqual({ open: 1, idle: 0, waiting: 0, users: 1 });
});

test('warming takes nothing from anybody, and never the second half', () => {
  const { of, desk, take } = start({ total: 4 });
  take('a');
  take('b');
  of('c').warm();
  expect([of('c').open, desk.counts().open]).toEqual([0, 2]);
});

test('random calls of many users never hold more than the bounds, and everybody is served', async () => {
  const { desk, of, clock } = start({ total: 12, perUser: 4 });
  const seed = Math.floor(Math.random() * 2 ** 31);
  const next = randomOf(seed);
  let held = 0;
  let done = 0;
  const calls = Array.from({ length: 2_000 }, async () => {
    const user = `u${next() % 9}`;
    const lane = (['orders', 'reads', 'data'] as const)[next() % 3] ?? 'reads';
    const urgency = lane === 'orders' ? ((['cancel', 'exit', 'entry'] as const)[next() % 3] ?? 'entry') : 'read';
    const deadline = new Deadline(1e9, () => clock.monotonic(), createTicker(clock));
    for (let turn = next() % 200; turn > 0; turn -= 1) await Promise.resolve();
    const slot = await of(user, lane).take({ urgency, deadline });
    deadline.done();
    held += 1;
    expect(held, `seed ${seed}`).toBeLessThanOrEqual(12);
    expect(desk.counts().open, `seed ${seed}`).toBeLessThanOrEqual(12);
    for (let turn = next() % 5; turn > 0; turn -= 1) await Promise.resolve();
    held -= 1;
    slot.owner.giveBack(slot);
    done += 1;
  });
  await Promise.all(calls);
  expect(done).toBe(2_000);
  expect(desk.counts()).toMatchObject({ waiting: 0 });
  expect(desk.counts().idle).toBe(desk.counts().open);
});

function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state >>> 8;
  };
}
