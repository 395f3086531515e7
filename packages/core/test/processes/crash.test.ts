import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hang, startSimulator } from '@algo/simulator';
import type { Simulator } from '@algo/simulator';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

const BOT = fileURLToPath(new URL('./bot.js', import.meta.url));
const KILLS = process.env['ALGO_TEST_FULL'] === '1' ? 100 : 10;

let folder: string;
let simulator: Simulator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'algo-crash-'));
  // Funds for every order: one that the broker acknowledges and then refuses for funds never reaches the ledger.
  const account = { clientId: '1000000001', cash: 1_000_000_000 };
  simulator = await startSimulator({ dhan: { rateLimits: 'off', account } });
  return async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  };
});

test('an order killed between its claim and its reply is found after the restart and not placed again', async () => {
  simulator.inject(hang('placeOrder'));
  const first = startBot({ place: ['c1'] });
  await until(() => simulator.received('placeOrder').length === 1);
  first.process.kill('SIGKILL');
  await first.ended;
  expect(simulator.ledger()).toHaveLength(1);

  const lines = await startBot({ place: ['c1'], settle: true }).ended;

  const [entry] = simulator.ledger();
  expect(lines).toContainEqual({
    step: 'settled',
    clientOrderId: 'c1',
    kind: 'accepted',
    brokerOrderId: entry?.brokerOrderId,
  });
  expect(lines).toContainEqual({ step: 'orders', orders: [{ clientOrderId: 'c1', tag: entry?.tag, state: 'FOUND' }] });
  expect(simulator.received('placeOrder')).toHaveLength(1);
  expect(simulator.ledger()).toHaveLength(1);
});

test('an order killed after its claim and before its first byte is unknown after the restart and not sent', async () => {
  await startBot({ place: ['c1'], dieAt: 'after-claim' }).ended;

  const lines = await startBot({ place: ['c1'] }).ended;

  expect(lines).toContainEqual({ step: 'settled', clientOrderId: 'c1', kind: 'unknown', brokerOrderId: null });
  expect(simulator.received('placeOrder')).toHaveLength(0);
});

test('an order killed before its claim leaves nothing behind and can be placed after the restart', async () => {
  await startBot({ place: ['c1'], dieAt: 'before-claim' }).ended;

  const lines = await startBot({ place: ['c1'] }).ended;

  expect(lines).toContainEqual(expect.objectContaining({ step: 'settled', clientOrderId: 'c1', kind: 'accepted' }));
  expect(simulator.ledger()).toHaveLength(1);
});

test(`a bot killed ${KILLS} times at random places nothing twice and loses nothing`, { timeout: 600_000 }, async () => {
  const ids = Array.from({ length: KILLS * 40 }, (_, at) => `c${at}`);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const bot = startBot({ place: ids, atOnce: 4 });
    await bot.ready;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    bot.process.kill('SIGKILL');
    await bot.ended;
  }
  const lines = await startBot({ place: ids, atOnce: 4 }).ended; // its start reads the book, which finds what was sent

  const ledger = simulator.ledger();
  const known = lines.flatMap(({ orders = [] }) => orders);
  expect(new Set(ledger.map(({ tag }) => tag)).size).toBe(ledger.length);
  expect(known).toHaveLength(ids.length);
  const lost = ledger.filter(({ tag }) => !known.some((order) => order.tag === tag && IS_KNOWN.has(order.state)));
  expect(lost).toEqual([]);
  const invented = known.filter(({ tag, state }) => IS_KNOWN.has(state) && !ledger.some((entry) => entry.tag === tag));
  expect(invented).toEqual([]);
});

const IS_KNOWN: ReadonlySet<string> = new Set(['ACKNOWLEDGED', 'FOUND']);

const line = z.looseObject({
  step: z.enum(['ready', 'placed', 'settled', 'orders', 'closed']),
  orders: z.array(z.object({ clientOrderId: z.string(), tag: z.string(), state: z.string() })).optional(),
});
type Line = z.infer<typeof line>;

interface BotTask {
  readonly place: readonly string[];
  readonly atOnce?: number;
  readonly settle?: boolean;
  readonly dieAt?: 'before-claim' | 'after-claim';
}

interface Bot {
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
  /** Everything it printed. */
  readonly ended: Promise<readonly Line[]>;
}

function startBot(task: BotTask): Bot {
  const { baseUrl, authUrl, instrumentsUrl, credentials } = simulator.dhan;
  const { clientId, accessToken } = credentials;
  const argument = JSON.stringify({
    ...task,
    database: join(folder, 'bot.db'),
    key: join(folder, 'master.key'),
    credentials: { clientId, accessToken },
    clockOffsetMs: simulator.clock.now() - Date.now(),
    dhan: {
      baseUrl,
      authUrl,
      instrumentsUrl,
      rateLimits: { orders: [{ limit: 10_000, perMs: 1_000 }], reads: [{ limit: 1_000, perMs: 1_000 }] },
    },
  });
  const child = spawn(process.execPath, [BOT, argument], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: Line[] = [];
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const reader = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve, reject) => {
    reader.on('line', (text) => {
      const read = line.parse(JSON.parse(text));
      lines.push(read);
      if (read.step === 'ready') resolve();
    });
    child.once('exit', () => reject(new Error(`The bot ended before it was ready: ${complaint}`)));
  });
  const ended = new Promise<readonly Line[]>((resolve, reject) => {
    child.once('close', (code) => (code === 1 ? reject(new Error(complaint)) : resolve(lines)));
  });
  ready.catch(() => undefined);
  return { process: child, ready, ended };
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('It did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
