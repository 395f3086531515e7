/**
 * A bot in a process of its own, `node trader.mjs <task>`, with one user. It is told what to do by JSON lines
 * `{ id, what, ... }` and prints one for each answer, `{ step: 'answer', id, ... }`, and for each thing that happens. The
 * test kills it when it likes.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { angel } from '@algo/broker-angel';
import { dhan } from '@algo/broker-dhan';
import { createAlgo, fileKey, systemClock } from '@algo/core';
import { sqlite } from '@algo/store-sqlite';
import { parseCommand, parseTask } from './trader-words.js';
import type { Command } from './trader-words.js';

const task = parseTask(process.argv[2]);
const PLENTY = [{ limit: 10_000, perMs: 1_000 }];
const DEFINITIONS = {
  dhan: () =>
    dhan({
      ...task.brokers.dhan?.urls,
      instruments: 'compact',
      rateLimits: { orders: PLENTY, reads: PLENTY, quotes: PLENTY },
    }),
  angel: () =>
    angel({
      ...task.brokers.angel?.urls,
      rateLimits: { orders: PLENTY, book: PLENTY, quotes: PLENTY, login: PLENTY, funds: PLENTY, reads: PLENTY },
    }),
};
const names = (['dhan', 'angel'] as const).filter((name) => task.brokers[name] !== undefined);

const print = (line: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const clock = { ...systemClock(), now: () => Date.now() + task.clockOffsetMs };
const algo = createAlgo({
  store: sqlite({ path: task.database }),
  keys: fileKey(task.key),
  brokers: names.map((name) => DEFINITIONS[name]()),
  clock,
});
const me = algo.user('u1');
const delay = monitorEventLoopDelay({ resolution: 5 });

me.on('connection-changed', ({ connection, state }) =>
  print({ step: 'connection', broker: connection.broker, status: state.status }),
);
me.on('reconnect-scheduled', ({ connection, attempt, atMs }) =>
  print({ step: 'reconnect', broker: connection.broker, attempt, waitMs: atMs - clock.now() }),
);
me.on('failover-switched', ({ to, why }) => print({ step: 'switched', broker: to.broker, why }));
me.on('failover-recovered', ({ to }) => print({ step: 'recovered', broker: to.broker }));

const ORDER = { instrument: 'NSE:RELIANCE', side: 'BUY', quantity: 1, type: 'LIMIT', product: 'CNC' } as const;

async function place({ clientOrderId = '', deadlineMs = 2_000 }: Command): Promise<Record<string, unknown>> {
  const outcome = await me.orders.place({ ...ORDER, price: 1390, clientOrderId, deadlineMs });
  if (outcome.kind === 'unknown') {
    void outcome.settled.then(({ kind }) => print({ step: 'settled', clientOrderId, kind }));
  }
  return {
    clientOrderId,
    kind: outcome.kind,
    expiresAtMs: outcome.kind === 'queued' ? outcome.expiresAtMs : null,
    brokerOrderId: outcome.kind === 'accepted' ? outcome.brokerOrderId : null,
  };
}

async function cancel({ clientOrderId = '' }: Command): Promise<Record<string, unknown>> {
  const outcome = await me.orders.cancel({ clientOrderId, deadlineMs: 2_000 });
  const why = outcome.kind === 'not-sent' && outcome.proof.by === 'gate' ? outcome.proof.why : undefined;
  return { clientOrderId, kind: outcome.kind, why };
}

async function orders(): Promise<Record<string, unknown>> {
  const listed = await me.orders.list({ limit: 10_000 });
  return {
    orders: listed.map(({ clientOrderId, tag, state, connection, outcome }) => ({
      why: outcome.kind === 'not-sent' ? (outcome.proof.by === 'gate' ? outcome.proof.why : outcome.proof.by) : null,
      clientOrderId,
      tag,
      state,
      broker: connection.broker,
    })),
  };
}

const JOBS: Readonly<Record<Command['what'], (command: Command) => Promise<Record<string, unknown>>>> = {
  place,
  cancel,
  orders,
  quotes: async () => {
    const { from, stale } = await me.market.quotes(['NSE:RELIANCE']);
    return { broker: from.broker, stale };
  },
  funds: async () => {
    const { from, stale } = await me.accounts.funds(task.strategy.primary);
    return { broker: from.broker, stale };
  },
  queued: async () => ({ queued: (await me.orders.queued()).map(({ clientOrderId }) => clientOrderId) }),
  rules: async ({ rules = [] }) => {
    await me.setFailover({ ...task.strategy, rules });
    return {};
  },
  /** The longest that the event loop stood still since it was asked last. */
  delay: async () => {
    const maxMs = delay.max / 1e6;
    delay.reset();
    return { maxMs };
  },
  close: async () => {
    await algo.close();
    return {};
  },
};

const stored = await me.credentials.list();
for (const name of names) {
  if (stored.some(({ broker }) => broker === name)) continue;
  await me.credentials.put(name, 'main', task.brokers[name]?.fields ?? {});
}
await me.setFailover(task.strategy);
const started = me.start();
if (task.waits) await started;
delay.enable();
print({ step: 'ready' });

const lines = createInterface({ input: process.stdin });
lines.on('line', (text) => {
  const command = parseCommand(text);
  const answer = (outcome: Record<string, unknown>): void => print({ step: 'answer', id: command.id, ...outcome });
  JOBS[command.what](command).then(
    (outcome) => {
      answer(outcome);
      if (command.what === 'close') lines.close();
    },
    (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
  );
});
