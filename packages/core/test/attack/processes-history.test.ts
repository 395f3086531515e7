import type { ConnectionManager, OrderOutcome } from '@algo/core';
import type { BrokerOrder, CommandReply } from '@algo/core/adapter';
import { AlgoError } from '@algo/core/store';
import type { AttemptRow, OrderJournal } from '@algo/core/store';
import { expect, test } from 'vitest';
import { place, processes, seconds } from './processes-support.js';
import { never, startAttack } from './support.js';

const IS_FULL = process.env['ALGO_TEST_FULL'] === '1';
const ROUNDS = IS_FULL ? 1_500 : 120;
const PROCESSES = 3;
const HALF = ROUNDS / 2;
const A_KILL = 0.92;
const SEED = Number(process.env['ALGO_HISTORY_SEED'] ?? Date.now() % 2 ** 31);

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

interface Told {
  readonly clientOrderId: string;
  readonly outcome: OrderOutcome;
}

interface History {
  readonly ledger: readonly BrokerOrder[];
  readonly rows: readonly AttemptRow[];
  readonly told: readonly Told[];
  readonly wire: readonly string[];
  readonly kills: number;
}

async function play(seed: number): Promise<History> {
  const random = randomOf(seed);
  const chance = (share: number): boolean => random() < share;
  const below = (limit: number): number => Math.floor(random() * limit);
  const { wrap, kill, deemDead, deemAlive } = processes();
  const wire: string[] = [];
  let calm = false;

  const failing = (journal: OrderJournal): OrderJournal => {
    const broken = (): AlgoError => new AlgoError('ALGO_STORE_FAILED', { what: 'a write', why: 'the link broke' });
    const sometimes = async <Value>(work: () => Promise<Value>): Promise<Value> => {
      if (!calm && chance(0.03)) throw broken();
      const value = await work();
      if (!calm && chance(0.03)) throw broken(); // done, and nobody heard of it
      return value;
    };
    return {
      ...journal,
      add: (row) => sometimes(() => journal.add(row)),
      move: (move) => sometimes(() => journal.move(move)),
    };
  };

  const attack = await startAttack({
    store: wrap,
    journal: failing,
    script: ({ exchange, clock }) => ({
      placeOrder: async (command, call): Promise<CommandReply> => {
        wire.push(command.tag);
        const later = below(Math.min(4_000, call.remainingMs()));
        if (chance(0.4)) await new Promise<void>((resolve) => void clock.after(later, resolve));
        if (chance(0.1)) return { kind: 'rejected', reason: 'margin', brokerCode: null, brokerText: 'too little' };
        if (chance(0.1)) return never(); // it got lost on its way
        const brokerOrderId = exchange.accept(command);
        if (chance(0.3)) return never();
        return { kind: 'acknowledged', brokerOrderId };
      },
    }),
  });
  const { clock, exchange } = attack;
  const running: { readonly at: number; readonly me: ConnectionManager }[] = [{ at: 0, me: attack.me }];
  let opened = 1;
  const start = async (): Promise<void> => {
    const at = opened;
    opened += 1;
    running.push({ at, me: (await attack.again()).me });
  };
  while (running.length < PROCESSES) await start();

  const told: Told[] = [];
  const note = (clientOrderId: string, placing: Promise<OrderOutcome>): void => {
    const keep = (outcome: OrderOutcome): void => {
      told.push({ clientOrderId, outcome });
      if (outcome.kind === 'unknown') void outcome.settled.then((last) => told.push({ clientOrderId, outcome: last }));
    };
    placing.then(keep, () => undefined); // a process that was killed answers nobody
  };

  let ids = 0;
  let kills = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const mine = running[below(running.length)];
    if (mine === undefined) throw new Error('no process runs');
    const chosen = round === HALF ? A_KILL : random(); // one seed in a hundred and fifty would kill nobody
    if (chosen < 0.45) {
      const clientOrderId = `c${(ids += 1)}`;
      const deadlineMs = 200 + below(20_000);
      for (const { me } of chance(0.3) ? running : [mine]) note(clientOrderId, place(me, clientOrderId, deadlineMs));
    } else if (chosen < 0.65 && ids > 0) {
      const clientOrderId = `c${Math.max(1, ids - below(8))}`;
      note(clientOrderId, place(mine.me, clientOrderId, 200 + below(3_000)));
    } else if (chosen < 0.75 && ids > 0) {
      const clientOrderId = `c${Math.max(1, ids - below(4))}`;
      mine.me.orders.cancel({ clientOrderId, deadlineMs: 300 }).catch(() => null);
    } else if (chosen < 0.85) deemDead(mine.at);
    else if (chosen < 0.9) deemAlive(mine.at);
    else if (chosen < 0.94) {
      kills += 1;
      await kill(mine.at);
      running.splice(running.indexOf(mine), 1);
      calm = true; // a start that fails is another test's matter
      await start();
      calm = false;
    }
    const pause = chance(0.1) ? below(40) : 0;
    await clock.advance(below(400));
    await seconds(clock, pause);
  }
  calm = true;
  for (const { at } of running) deemAlive(at);
  await seconds(clock, 500);
  const rows = await attack.store.journal.list('u1', { limit: 100_000 });
  return { ledger: [...exchange.orders], rows, told, wire, kills };
}

test(`a history of ${PROCESSES} processes that are killed and wrongly held for dead keeps every promise`, async () => {
  console.info(`processes-history: seed ${SEED}`); // ALGO_HISTORY_SEED plays it again
  const { ledger, rows, told, wire, kills } = await play(SEED);
  const problems: unknown[] = [];
  const byTag = new Map(rows.map((row) => [row.tag, row]));
  const inLedger = new Map(ledger.map((order) => [byTag.get(order.tag ?? '')?.clientOrderId, order]));

  if (new Set(wire).size !== wire.length) problems.push({ what: 'a tag was sent twice' });
  if (inLedger.size !== ledger.length) problems.push({ what: 'an id has two orders, or an order no row' });
  for (const { tag, brokerOrderId } of ledger) {
    const row = byTag.get(tag ?? '');
    const isKnown = row !== undefined && ['ACKNOWLEDGED', 'FOUND'].includes(row.state);
    const isOpen = row !== undefined && ['AMBIGUOUS', 'UNRESOLVED'].includes(row.state);
    if (!isOpen && !isKnown) problems.push({ what: 'accepted, and the journal does not say so', row, brokerOrderId });
    if (isKnown && row.brokerOrderId !== brokerOrderId) problems.push({ what: 'another order id', row, brokerOrderId });
  }
  for (const row of rows) {
    if (row.state === 'SUBMITTING' || row.state === 'AMBIGUOUS') problems.push({ what: 'nobody looks for it', row });
  }
  for (const { clientOrderId, outcome } of told) {
    const order = inLedger.get(clientOrderId);
    if (outcome.kind === 'accepted' && order?.brokerOrderId !== outcome.brokerOrderId) {
      problems.push({ what: 'told accepted', clientOrderId, outcome });
    }
    if (isDenied(outcome) && order !== undefined) {
      problems.push({ what: `told ${outcome.kind}`, clientOrderId, outcome });
    }
  }
  expect(problems).toEqual([]);
  expect(kills).toBeGreaterThan(0);
  expect(ledger.length).toBeGreaterThan(ROUNDS / 6);
});

/** Said that it is nowhere, for good. A call whose journal failed says so of itself: the id may be used again at once. */
function isDenied(outcome: OrderOutcome): boolean {
  if (outcome.kind !== 'not-sent') return outcome.kind === 'rejected';
  return outcome.proof.by !== 'gate' || outcome.proof.why !== 'journal-unavailable';
}
