import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { BrokerTask } from './trader-words.js';

const COMMAND = fileURLToPath(new URL('../../../../simulator/bin/algo-simulator.js', import.meta.url));

/** Friday 2026-11-20, 10:00 IST. */
const OPENS_AT_MS = Date.parse('2026-11-20T10:00:00+05:30');
/** From this machine's clock to the brokers', which go on while they are down. */
export const CLOCK_OFFSET_MS = OPENS_AT_MS - Date.now();

/** One broker in a process of its own. Killed when its test ends. */
export interface BrokerProcess {
  /** What a bot needs to trade there; stays the same over a restart. */
  readonly task: BrokerTask;
  /** Takes connections and answers nothing. */
  freeze(): void;
  /** Goes on with what came meanwhile. */
  thaw(): void;
  kill(): Promise<void>;
  /** On the same port, with everything it had taken. */
  restart(): Promise<void>;
  ledger(): Promise<readonly LedgerLine[]>;
  /** Takes the next order and never answers. */
  swallowNextOrder(): Promise<void>;
}

const ledgerLine = z.looseObject({ brokerOrderId: z.string(), tag: z.string().nullish() });
export type LedgerLine = z.infer<typeof ledgerLine>;

const reach = z.looseObject({
  baseUrl: z.string(),
  authUrl: z.string().optional(),
  instrumentsUrl: z.string(),
  credentials: z.record(z.string(), z.unknown()),
});
const readyLine = z.object({
  dhan: reach.optional(),
  angel: reach.optional(),
  control: z.object({ baseUrl: z.string() }),
});
type ReadyLine = z.infer<typeof readyLine>;

const FIELDS = {
  dhan: ['clientId', 'accessToken'],
  angel: ['clientCode', 'apiKey', 'mpin', 'totpSecret'],
} as const;

export async function startBroker(name: 'dhan' | 'angel', state: string): Promise<BrokerProcess> {
  let running = await run(name, state, 0);
  const { control } = running.ready;
  const port = Number(new URL(control.baseUrl).port);
  const kill = async (): Promise<void> => {
    running.child.kill('SIGKILL'); // ends a frozen one as well
    await running.ended;
  };
  onTestFinished(kill);
  return {
    task: taskOf(name, running.ready),
    freeze: () => void running.child.kill('SIGSTOP'),
    thaw: () => void running.child.kill('SIGCONT'),
    kill,
    async restart() {
      running = await run(name, state, port);
    },
    ledger: async () => z.array(ledgerLine).parse(await (await fetch(`${control.baseUrl}/ledger`)).json()),
    async swallowNextOrder() {
      const fault = JSON.stringify({ operation: 'placeOrder', kind: 'hang' });
      await fetch(`${control.baseUrl}/faults`, { method: 'POST', body: fault });
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly ready: ReadyLine;
  readonly ended: Promise<void>;
}

async function run(name: 'dhan' | 'angel', state: string, port: number): Promise<Running> {
  const now = new Date(Date.now() + CLOCK_OFFSET_MS).toISOString();
  const flags = ['--brokers', name, '--port', String(port), '--state', state, '--clock', now, '--rate-limits', 'off'];
  const child = spawn(process.execPath, [COMMAND, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = await new Promise<ReadyLine>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (text) => resolve(readyLine.parse(JSON.parse(text))));
    child.once('exit', () => reject(new Error('The broker ended before it was ready')));
  });
  return { child, ready, ended };
}

function taskOf(name: 'dhan' | 'angel', ready: ReadyLine): BrokerTask {
  const { baseUrl, authUrl, instrumentsUrl, credentials } = reach.parse(ready[name]);
  const fields = FIELDS[name].map((field) => [field, String(credentials[field])] as const);
  const urls = { baseUrl, instrumentsUrl, ...(authUrl === undefined ? {} : { authUrl }) };
  return { urls, fields: Object.fromEntries(fields) };
}
