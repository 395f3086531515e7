import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { LedgerEntry, Simulator } from '../src/index.js';
import { limitBuy, rowOf, rowsOf, send } from './support.js';

const COMMAND = fileURLToPath(new URL('../bin/algo-simulator.js', import.meta.url));
const BUILD = fileURLToPath(new URL('../dist/index.js', import.meta.url));

beforeAll(() => {
  if (!existsSync(BUILD)) throw new Error('The command runs the build: run "npm run build" first');
});

type ReadyLine = Pick<Simulator, 'jainam' | 'dhan' | 'angel' | 'kotak' | 'control'>;

interface Running {
  readonly child: ChildProcess;
  readonly ready: ReadyLine;
}

async function run(args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = await once(child.stdout, 'data');
  return { child, ready: JSON.parse(String(line)) as ReadyLine };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  const [code] = await exit;
  return typeof code === 'number' ? code : null;
}

async function place({ dhan }: ReadyLine, correlationId: string): Promise<string> {
  const headers = { 'access-token': dhan.credentials.accessToken, 'content-type': 'application/json' };
  const body = JSON.stringify({ ...limitBuy(dhan.credentials.clientId), correlationId });
  const reply = await send({ method: 'POST', url: `${dhan.baseUrl}/orders`, headers, body });
  return String(rowOf(JSON.parse(reply.text))['orderId']);
}

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'simulator-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('the command', () => {
  test('serves every broker over one exchange, each on a port of its own', async () => {
    const { ready } = await run(['--brokers', 'all', '--port', '0']);
    expect(Object.keys(ready)).toEqual(['jainam', 'dhan', 'angel', 'kotak', 'control']);
    const { jainam, dhan, angel, kotak } = ready;
    const origins = [jainam.baseUrl, dhan.baseUrl, angel.baseUrl, kotak.loginUrl].map((url) => new URL(url).origin);
    expect(new Set(origins).size).toBe(4);
    for (const origin of origins) expect((await send({ url: `${origin}/nothing-here` })).status).toBe(404);
  });

  test('prints one line of JSON when ready, serves, and ends with 0 on SIGTERM', async () => {
    const { child, ready } = await run(['--brokers', 'dhan', '--port', '0']);
    expect(ready.dhan.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v2$/);
    expect(Object.keys(ready.dhan.credentials).sort()).toEqual([
      'accessToken',
      'apiKey',
      'apiSecret',
      'clientId',
      'pin',
      'totpSecret',
    ]);
    expect((await send({ url: `${ready.control.baseUrl}/health` })).status).toBe(200);
    expect(await ended(child, 'SIGTERM')).toBe(0);
  });

  test('starts time where it is told and draws secrets from the seed', async () => {
    const args = ['--port', '0', '--seed', '42', '--clock', '2026-11-23T09:20:00+05:30'];
    const [first, second] = [await run(args), await run(args)];
    expect(first.ready.dhan.credentials.totpSecret).toBe(second.ready.dhan.credentials.totpSecret);
    const health = rowOf(JSON.parse((await send({ url: `${first.ready.control.baseUrl}/health` })).text));
    expect(Number(health['now']) - Date.parse('2026-11-23T09:20:00+05:30')).toBeLessThan(10_000);
  });

  test('a killed one loses no accepted order, and the next one goes on where it stood', async () => {
    const state = join(temporaryDirectory(), 'state');
    const args = ['--port', '0', '--state', state, '--rate-limits', 'off'];
    const first = await run(args);
    const orderIds: string[] = [];
    for (let count = 0; count < 20; count += 1) orderIds.push(await place(first.ready, `tag-${count}`));
    await ended(first.child, 'SIGKILL');

    const second = await run(args);
    const { dhan, control } = second.ready;
    expect(dhan.credentials).toEqual(first.ready.dhan.credentials);
    const ledger = JSON.parse((await send({ url: `${control.baseUrl}/ledger` })).text) as LedgerEntry[];
    expect(ledger.map(({ brokerOrderId }) => brokerOrderId)).toEqual(orderIds);
    const lines = readFileSync(join(state, 'ledger.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(ledger);

    const headers = { 'access-token': first.ready.dhan.credentials.accessToken };
    const book = rowsOf(JSON.parse((await send({ url: `${dhan.baseUrl}/orders`, headers })).text));
    expect(book.map((row) => row['orderId'])).toEqual(orderIds);
    expect(orderIds).not.toContain(await place(second.ready, 'after'));
    expect(await ended(second.child, 'SIGTERM')).toBe(0);
  });

  test('drops a line that was half written when the process died, and writes the ledger entry that was missing', async () => {
    const state = join(temporaryDirectory(), 'state');
    const args = ['--port', '0', '--state', state];
    const first = await run(args);
    const orderId = await place(first.ready, 'kept');
    await ended(first.child, 'SIGKILL');
    writeFileSync(join(state, 'ledger.jsonl'), '');
    writeFileSync(join(state, 'exchange.jsonl'), '{"atMs":17', { flag: 'a' });

    const { ready } = await run(args);
    const ledger = JSON.parse((await send({ url: `${ready.control.baseUrl}/ledger` })).text) as LedgerEntry[];
    expect(ledger).toMatchObject([{ sequence: 1, brokerOrderId: orderId, tag: 'kept' }]);
    expect(readFileSync(join(state, 'ledger.jsonl'), 'utf8')).toContain(orderId);
  });

  const bad: readonly (readonly string[])[] = [
    ['--brokers', 'nobody'],
    ['--port', '70000'],
    ['--port', 'x'],
    ['--clock', '2026-11-20 10:00'],
    ['--seed', '-1'],
    ['--verbose'],
    ['--state', '/dev/null/state'],
  ];
  test.each(bad.map((args) => ({ args })))(
    'says in one line what is wrong with $args and ends with 2',
    async ({ args }) => {
      const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
      let complaint = '';
      child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
      const [code] = await once(child, 'close');
      expect(code).toBe(2);
      expect(complaint).toMatch(/^algo-simulator: .+\n$/);
    },
  );
});
