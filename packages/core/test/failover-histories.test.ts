import type { OrderOutcome } from '@algo/core';
import type { AttemptRow, OrderJournal } from '@algo/core/store';
import { describe, expect, test } from 'vitest';
import { routedOrders } from '../src/app/routed-orders.js';
import type { OrderRequest } from '../src/domain/order.js';
import { expiryOf } from '../src/orders/queued-row.js';
import type { OrderRoad } from '../src/orders/order-road.js';
import type { NextStep, OrderRouting } from '../src/orders/order-routing.js';
import type { FailoverRule } from '../src/routing/failover-strategy.js';
import { RecoveryWatch } from '../src/routing/recovery-watch.js';
import { Router } from '../src/routing/router.js';
import type { Routable } from '../src/routing/routable.js';
import { createWorld, limitBuy, notConnected, USER } from './scripted-brokers.js';
import type { Answer, Process, ScriptedBroker, World } from './scripted-brokers.js';

const FULL = process.env['ALGO_TEST_FULL'] === '1';
const HISTORIES = Number(process.env['ALGO_FAILOVER_HISTORIES'] ?? (FULL ? 100_000 : 10_000));
const SEED = Number(process.env['ALGO_FAILOVER_SEED'] ?? Date.now() % 1_000_000_000);
const PER_TEST = 1_000;

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What happened in one history, as nobody in it can see it whole. */
interface Chronicle {
  readonly world: World;
  readonly problems: string[];
  /** Last moment at which a queued attempt may be sent, by tag. */
  readonly expiries: Map<string, number>;
  readonly requests: Map<string, OrderRequest>;
  /** Ids that a caller was told to be nowhere, with whatever told so. */
  readonly nowhere: Map<string, string>;
  readonly accepted: Map<string, string>;
  readonly queued: Set<string>;
}

interface Counts {
  accepted: number;
  moved: number;
  queued: number;
  drained: number;
  unknown: number;
  exits: number;
  expired: number;
  crashes: number;
}

type Pick = <Item>(items: readonly Item[]) => Item;

async function play(seed: number, counts: Counts): Promise<readonly string[]> {
  const random = randomOf(seed);
  const pick: Pick = (items) => items[Math.floor(random() * items.length)] as (typeof items)[number];
  const world = await createWorld(
    pick([
      ['one', 'two'],
      ['one', 'two', 'three'],
    ]),
  );
  const chronicle: Chronicle = {
    world,
    problems: [],
    expiries: new Map(),
    requests: new Map(),
    nowhere: new Map(),
    accepted: new Map(),
    queued: new Set(),
  };
  for (const broker of world.brokers) broker.answer = () => answerOf(random, pick);
  const rules = random() < 0.5 ? wild(random, pick) : routed(world, pick);
  const begin = (): Promise<Process> =>
    world.start({ routes: rules, journal: (journal) => watched(journal, chronicle), queueLimit: pick([2, 100]) });

  const settled = <Value>(work: Promise<Value>): Promise<Value> => pump(world, work);
  let running = [await settled(begin())];
  const steps = 6 + Math.floor(random() * 10);
  for (let step = 0; step < steps; step += 1) {
    const kind = random();
    const process = pick(running);
    if (kind < 0.42) void place(chronicle, process, random, pick);
    else if (kind < 0.52) void cancel(chronicle, process, pick);
    else if (kind < 0.72) change(pick(world.brokers), random);
    else if (kind < 0.76 && running.length === 1) running.push(await settled(begin()));
    else if (kind < 0.8) {
      counts.crashes += 1;
      await process.kill();
      const left = running.filter((other) => other !== process);
      running = left.length > 0 ? left : [await settled(begin())];
    } else process.desk.drain(pick(world.brokers).ref);
    if (random() < 0.7) await world.clock.advance(pick([1, 20, 300, 2_000, 20_000]));
  }
  for (const broker of world.brokers) heal(broker);
  running.push(await settled(begin())); // adopts what the dead left behind
  for (let step = 0; step < 70; step += 1) await world.clock.advance(step < 10 ? 200 : 2_500);
  await judge(chronicle, counts);
  await settled(Promise.all(running.map((process) => process.close())));
  return chronicle.problems.map((problem) => `seed ${seed}: ${problem}`);
}

/** Lets fake time run until it settles, without waiting for any socket. */
async function pump<Value>({ clock }: World, work: Promise<Value>): Promise<Value> {
  const state = { over: false };
  const done = (): void => {
    state.over = true;
  };
  work.then(done, done);
  await clock.advance(0);
  for (let count = 0; !state.over; count += 1) {
    if (count > 1_000) throw new Error('it never ends');
    await clock.advance(100);
  }
  return work;
}

/** Rules that ask for whatever comes to mind, allowed or not: what must hold holds whatever they say. */
function wild(random: () => number, pick: Pick): (roads: readonly OrderRoad[]) => OrderRouting {
  return (roads) => {
    const [first] = roads;
    if (first === undefined) throw new Error('no road');
    return {
      first: (request) => {
        const road = roadNamed(roads, request) ?? (request.reduceOnly === true ? first : pick(roads));
        return { road, queueForMs: random() < 0.15 ? pick([500, 5_000, 60_000]) : null };
      },
      after: (): NextStep =>
        pick<NextStep>([
          { kind: 'end' },
          { kind: 'retry', tries: pick([1, 2, 5]) },
          { kind: 'switch', road: pick(roads) },
          { kind: 'switch', road: pick(roads) },
          { kind: 'queue', forMs: pick([500, 5_000, 60_000]) },
        ]),
      goesOn: () => true,
      mayDrain: () => random() < 0.8,
    };
  };
}

/** The real router, with rules of all kinds. */
function routed({ clock, brokers }: World, pick: Pick): (roads: readonly OrderRoad[]) => OrderRouting {
  const rule = (): FailoverRule =>
    pick<FailoverRule>([
      { on: 'ERROR_RATE', then: 'SWITCH', onMargin: pick([true, false]) },
      { on: 'ERROR_RATE', then: 'QUEUE', expiresMs: pick([500, 5_000, 60_000]) },
      { on: 'ERROR_RATE', then: 'RETRY', tries: pick([1, 3]) },
      { on: 'TIMEOUT', then: pick(['SWITCH', 'QUEUE', 'RETRY']) },
    ]);
  const rules = pick([[], [rule()], [rule(), rule()]]);
  const [primary, ...backups] = brokers.map(({ ref }) => ref);
  if (primary === undefined) throw new Error('no broker');
  return (roads) => {
    const routables = brokers.map((broker): Routable => ({
      ...broker.ref,
      get state() {
        return { status: broker.connected ? 'connected' : 'disconnected' } as const;
      },
      trouble: () => ({ misses60s: 0, calls5m: 0, failures5m: 0 }),
      isUsable: () => broker.connected && broker.refuses === null,
    }));
    const router = new Router<Routable>({
      clock,
      watch: new RecoveryWatch(clock),
      connections: () => routables,
      preferred: () => null,
      emit: () => undefined,
    });
    router.use({ primary, backups, rules, recovery: { automatic: false } });
    const roadOf = (ref: { broker: string }): OrderRoad | null =>
      roads.find(({ gate }) => gate.connection.broker === ref.broker) ?? null;
    const roadFor = (ref: { broker: string } | undefined): OrderRoad => {
      const road = roadOf(ref ?? primary);
      if (road === null) throw notConnected('none');
      return road;
    };
    return routedOrders({ router, roadOf, roadFor, holderOf: async () => roadFor(primary) });
  };
}

const roadNamed = (roads: readonly OrderRoad[], { connection }: OrderRequest): OrderRoad | undefined =>
  connection && roads.find(({ gate }) => gate.connection.broker === connection.broker);

function answerOf(random: () => number, pick: Pick): Answer {
  const kind = random();
  if (kind < 0.35) return { kind: 'accept', ...(random() < 0.3 ? { afterMs: pick([50, 1_000, 8_000]) } : {}) };
  if (kind < 0.6) {
    return { kind: 'reject', reason: pick(['broker-down', 'session', 'static-ip', 'margin', 'price', 'other']) };
  }
  return kind < 0.8 ? { kind: 'unsent' } : { kind: 'lost', taken: random() < 0.5 };
}

function change(broker: ScriptedBroker, random: () => number): void {
  if (random() < 0.4) return heal(broker);
  broker.connected = random() < 0.5;
  broker.refuses = random() < 0.7 ? notConnected(broker.ref.broker) : null;
  broker.hiddenMs = random() < 0.3 ? 30_000 : 0;
}

function heal(broker: ScriptedBroker): void {
  broker.connected = true;
  broker.refuses = null;
  broker.hiddenMs = 0;
}

/** Notes until when each queued row may go. */
const watched = (journal: OrderJournal, { expiries }: Chronicle): OrderJournal => ({
  ...journal,
  add: (row) => {
    const expiresAtMs = expiryOf(row);
    if (expiresAtMs !== null) expiries.set(row.tag, expiresAtMs);
    return journal.add(row);
  },
});

async function place(chronicle: Chronicle, { desk }: Process, random: () => number, pick: Pick): Promise<void> {
  const { requests } = chronicle;
  const isRepeat = requests.size > 0 && random() < 0.2;
  const clientOrderId = isRepeat ? pick([...requests.keys()]) : `c${requests.size}`;
  const exit = random() < 0.25 ? { reduceOnly: true, ...(random() < 0.4 ? { mayMove: true } : {}) } : {};
  const named = random() < 0.2 ? { connection: pick(chronicle.world.brokers).ref } : {};
  const deadlineMs = pick([100, 1_000, 5_000]);
  const request = requests.get(clientOrderId) ?? limitBuy({ clientOrderId, ...exit, ...named, deadlineMs });
  requests.set(clientOrderId, request);
  note(chronicle, clientOrderId, await desk.place(request), isRepeat ? 'a repeated place' : 'its place');
}

function note(chronicle: Chronicle, clientOrderId: string, outcome: OrderOutcome, who: string): void {
  switch (outcome.kind) {
    case 'accepted':
      chronicle.accepted.set(clientOrderId, outcome.brokerOrderId);
      break;
    case 'queued':
      chronicle.queued.add(clientOrderId);
      break;
    case 'unknown':
      void outcome.settled.then((last) => {
        if (last !== outcome) note(chronicle, clientOrderId, last, 'what it settled to'); // nobody looks any more
      });
      break;
    case 'rejected':
    case 'not-sent':
      chronicle.nowhere.set(clientOrderId, `${who}: ${JSON.stringify(outcome)}`);
  }
}

async function cancel(chronicle: Chronicle, { desk }: Process, pick: Pick): Promise<void> {
  const { requests } = chronicle;
  if (requests.size === 0) return;
  const clientOrderId = pick([...requests.keys()]);
  const outcome = await desk.cancel({ clientOrderId, deadlineMs: 1_000 }).catch(() => null); // nobody placed it yet
  const why = outcome?.kind === 'not-sent' && outcome.proof.by === 'gate' ? outcome.proof.why : null;
  if (why === 'order-not-at-broker') chronicle.nowhere.set(clientOrderId, 'a cancel');
}

async function judge(chronicle: Chronicle, counts: Counts): Promise<void> {
  const { world, problems, requests, nowhere, accepted, queued, expiries } = chronicle;
  const { store, brokers } = world;
  const asked = new Map<string, number>();
  for (const broker of brokers) {
    for (const { tag, atMs } of broker.asked) {
      if (asked.has(tag)) problems.push(`${tag} was sent twice`);
      asked.set(tag, atMs);
      if (atMs > (expiries.get(tag) ?? Infinity)) problems.push(`${tag} was sent after its time`);
      if (expiries.has(tag)) counts.drained += 1;
    }
  }
  const taken = new Map<string, string>();
  for (const { ledger } of brokers) for (const { tag, order } of ledger) taken.set(tag, order.brokerOrderId);
  counts.queued += queued.size;

  for (const [clientOrderId, request] of requests) {
    const rows = (await store.journal.attemptsOf(USER, clientOrderId)).filter(({ kind }) => kind === 'place');
    const orders = rows.flatMap(({ tag }) => taken.get(tag) ?? []);
    const shown = (): string => `${clientOrderId} ${JSON.stringify(rows.map(shortly))}`;
    counts.accepted += orders.length;
    if (orders.length > 1) problems.push(`taken twice: ${shown()}`);
    // Nothing follows an attempt that may be, or is, at a broker.
    for (const row of rows.slice(0, -1)) {
      if (row.state !== 'NOT_SENT' && row.state !== 'REJECTED') problems.push(`moved on from it: ${shown()}`);
      if (taken.has(row.tag)) problems.push(`moved although taken: ${shown()}`);
    }
    for (const row of rows) {
      if (row.state === 'NOT_SENT' && asked.has(row.tag)) problems.push(`called unsent and sent: ${shown()}`);
      if (row.state === 'INTENT' || row.state === 'SUBMITTING') problems.push(`left without an end: ${shown()}`);
      if ((row.state === 'ACKNOWLEDGED' || row.state === 'FOUND') && !taken.has(row.tag)) {
        problems.push(`held to be somewhere it is not: ${shown()}`);
      }
      if (row.state === 'AMBIGUOUS' || row.state === 'UNRESOLVED') counts.unknown += 1;
      if (row.detail?.includes('"expired"') === true) counts.expired += 1;
    }
    if (new Set(rows.map(({ broker }) => broker)).size > 1) counts.moved += 1;
    judgeExit(request, rows, brokers, counts, () => problems.push(`an exit left its broker unasked: ${shown()}`));
    const mayHave = orders[0];
    if (nowhere.has(clientOrderId) && mayHave !== undefined) {
      problems.push(`told to be nowhere by ${nowhere.get(clientOrderId)}: ${shown()}`);
    }
    const told = accepted.get(clientOrderId);
    if (told !== undefined && told !== mayHave) problems.push(`told accepted as ${told}: ${shown()}`);
    if (queued.has(clientOrderId) && rows.length === 0) problems.push(`queued and lost: ${clientOrderId}`);
  }
}

/** The first attempt of an exit is at the broker that holds the position, and so are all unless its caller lets it move. */
function judgeExit(
  { reduceOnly, mayMove, connection }: OrderRequest,
  rows: readonly AttemptRow[],
  [holder]: readonly ScriptedBroker[],
  counts: Counts,
  problem: () => void,
): void {
  if (reduceOnly !== true || rows.length === 0) return;
  counts.exits += 1;
  const home = connection?.broker ?? holder?.ref.broker;
  const bound = mayMove === true ? rows.slice(0, 1) : rows;
  if (bound.some(({ broker }) => broker !== home)) problem();
}

const shortly = ({ broker, number, state, tag, detail, owner }: AttemptRow): unknown => ({
  broker,
  number,
  state,
  tag,
  detail,
  owner: owner.slice(0, 4),
});

describe(`random failover histories from seed ${SEED}`, () => {
  const counts: Counts = {
    accepted: 0,
    moved: 0,
    queued: 0,
    drained: 0,
    unknown: 0,
    exits: 0,
    expired: 0,
    crashes: 0,
  };
  const batches = Array.from({ length: Math.ceil(HISTORIES / PER_TEST) }, (_, at) => at * PER_TEST);

  test.each(batches)('from the %ith on keep every promise', { timeout: 300_000 }, async (from) => {
    const problems: string[] = [];
    const until = Math.min(HISTORIES, from + PER_TEST);
    for (let at = from; at < until && problems.length === 0; at += 1) {
      problems.push(...(await play(SEED + at, counts)));
    }
    expect(problems).toEqual([]);
  });

  test('had everything in them', () => {
    for (const [what, count] of Object.entries(counts)) expect([what, count > HISTORIES / 50]).toEqual([what, true]);
  });
});
