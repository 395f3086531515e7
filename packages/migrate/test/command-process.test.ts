import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqlite } from '@algo/store-sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { contentOf, fixture } from './helpers.js';

/** The command as it is installed: these tests run the build. */
const COMMAND = fileURLToPath(new URL('../bin/algo-migrate.js', import.meta.url));
const KILLS = process.env['ALGO_TEST_FULL'] === '1' ? 100 : 6;

const CONFIG = `
import { fileKey } from '@algo/core';
import { dhan } from '@algo/broker-dhan';
import { sqlite } from '@algo/store-sqlite';
const here = (name) => new URL(name, import.meta.url).pathname;
export const store = sqlite({ path: here('./orders.db') });
export const keys = fileKey(here('./master.key'));
export const brokers = [dhan()];
`;

test('reads the config module, ends with its code, and prints to the right place', async () => {
  const folder = await workFolder();
  const args = ['--user', 'default', '--broker', 'kotak', fixture('trades_history.json')];
  expect(await runIn(folder, 'import', ...args)).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringContaining('5 orders'),
  });
  expect(await runIn(folder, 'import', ...args, '--apply')).toMatchObject({ code: 0 });
  expect(await runIn(folder, 'compare', ...args)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^10 the same/),
  });
  expect(await runIn(folder, 'nonsense')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('nonsense') });

  const file = join(folder, '.env');
  await writeFile(file, 'DHAN_CLIENT_ID=1100123456\nDHAN_ACCESS_TOKEN=eyJhbGciOiJub25lIn0.canary.x\n', { mode: 0o600 });
  const env = await runIn(folder, 'env', '--user', 'default', '--file', file, '--apply', '--no-probe');
  expect(env).toEqual({ code: 0, out: 'dhan/main: stored\n', err: '' });
});

test('an import that is killed is there as a whole or not at all', async () => {
  const folder = await workFolder();
  const rows = Array.from({ length: 3_000 }, (_, index) => ({
    symbol: `S${index}`,
    qty: 1,
    entry_price: 100,
    entry_time: 1_700_000_000 + index,
    status: 'open',
  }));
  const path = join(folder, 'trades_history.json');
  await writeFile(path, JSON.stringify(rows));
  const args = ['import', '--user', 'default', '--broker', 'kotak', path, '--apply'];
  const begun = performance.now();
  await runIn(folder, ...args);
  const wholeMs = performance.now() - begun;
  const seen = new Set<number>();
  for (let kill = 0; kill < KILLS; kill += 1) {
    await rm(join(folder, 'orders.db'), { force: true });
    await runIn(folder, 'rollback', '--user', 'default'); // makes an empty store
    const child = start(folder, ...args);
    const timer = setTimeout(() => child.kill('SIGKILL'), wholeMs * (0.5 + (0.5 * kill) / KILLS));
    await once(child, 'exit');
    clearTimeout(timer);
    const store = await sqlite({ path: join(folder, 'orders.db') }).open();
    const { orders, fills, imports } = await contentOf(store);
    await store.close();
    expect([0, 3_000]).toContain(orders.length);
    expect(fills).toHaveLength(orders.length);
    expect(imports).toHaveLength(orders.length === 0 ? 0 : 1);
    seen.add(orders.length);
  }
  console.log(`killed ${KILLS} times within ${Math.round(wholeMs)} ms; orders found: ${[...seen].join(', ')}`);
});

/** Inside the package, so that the config finds what it imports. */
async function workFolder(): Promise<string> {
  const folder = await mkdtemp(fileURLToPath(new URL('./work-', import.meta.url)));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'algo.config.mjs'), CONFIG);
  return folder;
}

const start = (cwd: string, ...args: readonly string[]) =>
  spawn(process.execPath, [COMMAND, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });

async function runIn(cwd: string, ...args: readonly string[]) {
  const child = start(cwd, ...args);
  onTestFinished(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code]: unknown[] = await once(child, 'close');
  return { code, out, err };
}
