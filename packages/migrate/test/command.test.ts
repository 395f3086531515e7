import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dhan } from '@algo/broker-dhan';
import { kotak } from '@algo/broker-kotak';
import { memoryStore } from '@algo/core';
import type { BrokerDefinition } from '@algo/core';
import { runCommand, withDualWrite } from '@algo/migrate';
import type { ExitCode } from '@algo/migrate';
import { startSimulator } from '@algo/simulator';
import { expect, onTestFinished, test } from 'vitest';
import { contentOf, fileOf, fixture, memoryKeys, temporaryFolder } from './helpers.js';

const ACCOUNT = ['--user', 'default', '--broker', 'kotak'] as const;

test('shows a plan, does it when told to, compares, and takes it back', async () => {
  const { run, store } = await startCommand();
  const files = [fixture('trades_history.json'), fixture('orders.json')];

  const dry = await run('import', ...ACCOUNT, ...files);
  expect(dry.code).toBe(0);
  expect(dry.out).toContain('3 rows, 3 new, 0 known, 0 repeated, 0 refused');
  expect(dry.out).toContain('8 orders, 5 fills, 0 snapshots are new');
  expect(dry.out).toContain('Nothing was changed. Add --apply to do it.');
  expect((await contentOf(store)).orders).toEqual([]);

  expect((await run('import', ...ACCOUNT, ...files, '--apply')).out).toContain(
    'Written: 8 orders, 5 fills, 0 snapshots',
  );
  expect(await run('compare', ...ACCOUNT, ...files)).toMatchObject({
    code: 0,
    out: '13 the same, 0 missing, 0 extra, 0 different',
  });

  const [{ importId } = { importId: '' }] = await store.transfers.listImports('default');
  expect((await run('rollback', '--user', 'default')).out).toContain(importId);
  const rollback = ['rollback', '--user', 'default', '--import', importId, '--actor', 'asha', '--why', 'a try'];
  expect((await run(...rollback)).out).toContain('Would go: 8 orders');
  expect((await contentOf(store)).orders).toHaveLength(8);
  expect(await run(...rollback, '--apply')).toMatchObject({ code: 0, out: 'Gone: 8 orders, 5 fills, 0 snapshots' });
  expect(await store.audit.list('default', { limit: 1 })).toMatchObject([{ actor: 'asha', why: 'a try' }]);
  expect((await run('compare', ...ACCOUNT, ...files)).code).toBe(3);
});

test('lists refused rows and says so by its code', async () => {
  const { run } = await startCommand();
  const path = await fileOf('trades_history.json', '[{"symbol":"=x()"},{"symbol":"\\u001b[31mITC"}]');
  const { code, out } = await run('import', ...ACCOUNT, path);
  expect(code).toBe(3);
  expect(out).toContain('row 1: symbol looks like a formula: =x()');
  expect(out).not.toContain('\u001b');
  const whole = JSON.parse((await run('import', ...ACCOUNT, path, '--json')).out);
  expect(whole.files[0].refused).toHaveLength(2);
  expect(whole).not.toHaveProperty('batch');
});

test('reads a layout by name and by a mapping in a file', async () => {
  const { run } = await startCommand();
  const path = await fileOf('export.csv', 'scrip,shares,entry_price,entry_time,status\nITC,2,400,2025-01-01,open\n');
  const columns = { symbol: 'scrip', quantity: 'shares' };
  const mapping = await fileOf('mapping.json', JSON.stringify({ like: 'trades-history', columns }));
  expect((await run('import', ...ACCOUNT, path)).err).toContain('its name does not say what it holds');
  expect((await run('import', ...ACCOUNT, path, '--layout', 'trades-history')).out).toContain(
    'symbol or ticker is missing',
  );
  expect(await run('import', ...ACCOUNT, path, '--layout', mapping)).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 orders, 1 fills'),
  });
  expect(await run('import', ...ACCOUNT, path, '--layout', 'mine')).toMatchObject({ code: 2 });
});

test('shows what an environment file has, stores it when told to, and prints no secret', async () => {
  const simulator = await startSimulator({ clock: { now: () => Date.now() } });
  onTestFinished(() => simulator.close());
  const { baseUrl, authUrl, instrumentsUrl, credentials } = simulator.dhan;
  const { clientId, accessToken } = credentials;
  const brokers = [dhan({ baseUrl, authUrl, instrumentsUrl, instruments: 'compact' }), kotak()];
  const { run, store } = await startCommand(brokers);
  const file = await fileOf('.env', `DHAN_CLIENT_ID=${clientId}\nDHAN_ACCESS_TOKEN=${accessToken}\n`);
  await chmod(file, 0o644);

  const dry = await run('env', '--user', 'asha', '--file', file);
  expect(dry).toMatchObject({ code: 0, err: expect.stringContaining('can be read by others') });
  expect(dry.out).toMatch(/accessToken +DHAN_ACCESS_TOKEN +\(secret\)/);
  expect(dry.out).toContain('logs in by');
  expect(await store.credentials.list('asha')).toEqual([]);

  await chmod(file, 0o600);
  const applied = await run('env', '--user', 'asha', '--file', file, '--apply');
  expect(applied).toEqual({ code: 0, out: 'dhan/main: stored', err: '' });
  expect(await store.credentials.list('asha')).toMatchObject([{ broker: 'dhan', fields: { clientId } }]);

  await writeFile(file, (await readFile(file, 'utf8')).replace(accessToken, accessToken.replace(/.$/, '_')));
  const failed = await run('env', '--user', 'asha', '--file', file, '--apply');
  expect(failed).toMatchObject({ code: 3, out: expect.stringContaining('dhan/main: rolled-back') });
  const untried = await run('env', '--user', 'ravi', '--file', file, '--apply', '--no-probe', '--json');
  expect(JSON.parse(untried.out)).toMatchObject([{ outcome: 'stored' }]);
  for (const { out, err } of [dry, applied, failed, untried]) expect(out + err).not.toContain(accessToken.slice(8, -1));
});

test('hands one user to another', async () => {
  const { run, store } = await startCommand();
  await run('import', ...ACCOUNT, fixture('trades_history.json'), '--apply');
  expect((await run('reassign', '--from', 'default', '--to', 'asha')).out).toContain('5 orders, 5 fills, 1 imports');
  expect(await run('reassign', '--from', 'default', '--to', 'asha', '--apply')).toMatchObject({
    code: 0,
    out: 'Moved: 5 orders, 5 fills, 0 snapshots, 0 attempts, 0 settings, 0 credentials',
  });
  expect((await contentOf(store)).orders).toEqual([]);
  expect(await run('reassign', '--from', 'asha', '--to', 'asha', '--apply')).toMatchObject({ code: 1 });
});

test('compares a dual write with the store', async () => {
  const { run, definition } = await startCommand();
  const path = join(await temporaryFolder(), 'journal.jsonl');
  const dual = await withDualWrite(definition, { path }).open();
  await dual.journal.add({
    userId: 'u1',
    broker: 'dhan',
    account: 'main',
    tag: 't1',
    owner: dual.owner,
    kind: 'place',
    clientOrderId: 'c1',
    number: 1,
    request: '{}',
    state: 'NOT_SENT',
    tradingDay: '2026-11-20',
    createdAtMs: 1,
    sendByMs: null,
    brokerOrderId: null,
    detail: null,
    updatedAtMs: 1,
  });
  await dual.close();
  expect(await run('compare', '--dual-write', path)).toEqual({
    code: 0,
    out: '1 lines, 0 unreadable; 1 rows the same, 0 different',
    err: '',
  });
  await writeFile(path, 'torn\n', { flag: 'a' });
  expect(await run('compare', '--dual-write', path)).toMatchObject({ code: 3, out: expect.stringContaining('line 2') });
});

test.each<[string, readonly string[]]>([
  ['there is no command "frobnicate"', ['frobnicate']],
  ['import needs --user', ['import', '--broker', 'x', 'a.json']],
  ['import needs --broker', ['import', '--user', 'x', 'a.json']],
  ['import needs at least one file', ['import', ...ACCOUNT]],
  ['import takes no --from', ['import', ...ACCOUNT, '--from', 'x', 'a.json']],
  ['rollback takes no "a.json"', ['rollback', '--user', 'x', 'a.json']],
  ['exclude each other', ['rollback', '--user', 'x', '--apply', '--dry-run']],
  ['this user has no import "x"', ['rollback', '--user', 'x', '--import', 'x']],
  ['not both', ['compare', '--dual-write', 'x', 'a.json']],
  ['reassign needs --to', ['reassign', '--from', 'x']],
  ['--holdings-as must be', ['import', ...ACCOUNT, '--holdings-as', 'gold', fixture('holdings.json')]],
  ['--nonsense', ['import', '--nonsense']],
])('does not understand: %s', async (message, argv) => {
  const { run } = await startCommand();
  expect(await run(...argv)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
});

test('shows its help, and fails with the reason alone', async () => {
  const { run } = await startCommand();
  expect(await run('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Usage: algo-migrate') });
  expect(await run()).toMatchObject({ code: 0 });
  expect(await run('import', ...ACCOUNT, '/nowhere/orders.json')).toMatchObject({
    code: 1,
    err: 'Nothing was imported from /nowhere/orders.json: there is no such file.',
  });
  expect(await run('env', '--user', 'x', '--file', '/nowhere/.env')).toMatchObject({ code: 1 });
});

test('a config module that cannot be used is told without its own words', async () => {
  const output = { print: () => undefined, complain: (line: string) => void complaints.push(line) };
  const complaints: string[] = [];
  const throws = await fileOf('algo.config.mjs', 'throw new Error("canary");');
  const lacks = await fileOf('algo.config.mjs', 'export const store = {};');
  for (const config of [throws, lacks, '/nowhere/algo.config.mjs']) {
    expect(await runCommand(['rollback', '--user', 'x', '--config', config], output)).toBe(2);
  }
  expect(complaints.join('\n')).not.toContain('canary');
  expect(complaints[1]).toContain('must export { store, keys, brokers }');
});

interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

async function startCommand(brokers: readonly BrokerDefinition[] = [dhan(), kotak()]) {
  const definition = memoryStore();
  const store = await definition.open();
  onTestFinished(() => store.close());
  const run = async (...argv: string[]): Promise<Ran> => {
    const out: string[] = [];
    const err: string[] = [];
    const output = { print: (line: string) => void out.push(line), complain: (line: string) => void err.push(line) };
    const code = await runCommand(argv, output, { store: definition, keys: memoryKeys(), brokers });
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  return { run, store, definition };
}
