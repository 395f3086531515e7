import { appendFile, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dhan } from '@algo/broker-dhan';
import { createAlgo, memoryStore } from '@algo/core';
import type { StoreDefinition } from '@algo/core';
import { compareDualWrite, withDualWrite } from '@algo/migrate';
import { startSimulator } from '@algo/simulator';
import { createFakeClock } from '@algo/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { memoryKeys, openMemory, temporaryFolder } from './helpers.js';

test('writes every row of a trading day to the file as well, and both are the same', async () => {
  const path = join(await temporaryFolder(), 'journal.jsonl');
  const inner = memoryStore();
  const dual = withDualWrite(inner, { path });

  const { orders } = await trade(dual, 12);

  expect(orders).toEqual(Array.from({ length: 12 }, () => 'accepted'));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const store = await inner.open();
  const comparison = await compareDualWrite(store, path);
  expect(comparison).toMatchObject({ unreadable: [], missingInStore: [], missingInFile: [], different: [] });
  expect(comparison.same).toBeGreaterThanOrEqual(24); // an attempt and a sighting each
  expect(dual.status()).toEqual({ written: comparison.lines, lost: 0, failure: null });
});

test('finds what only one of them has, and fields that differ', async () => {
  const path = join(await temporaryFolder(), 'journal.jsonl');
  const inner = memoryStore();
  await trade(withDualWrite(inner, { path }), 3);
  const store = await inner.open();
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  const [first = '', ...others] = lines;
  const { tag } = JSON.parse(first).row;
  const another = first.replaceAll(tag, 'ZZ-not-in-the-store');
  const changed = others.map((line) => line.replace('"NSE:RELIANCE"', '"NSE:TCS"'));
  await writeFile(path, `${[another, ...changed].join('\n')}\n`);

  const comparison = await compareDualWrite(store, path);

  expect(comparison.missingInStore).toContain('attempt ZZ-not-in-the-store');
  expect(comparison.missingInFile).toContain(`attempt ${tag}`);
  expect(comparison.different.flatMap(({ fields }) => fields)).toContainEqual({
    field: 'order.instrument',
    inFile: 'NSE:TCS',
    inStore: 'NSE:RELIANCE',
  });
});

test('orders go their way when the file cannot be written, and what it lacks is counted', async () => {
  const folder = await temporaryFolder();
  const target = join(folder, 'elsewhere');
  await writeFile(target, '');
  await symlink(target, join(folder, 'link'));
  for (const path of [join(folder, 'missing', 'journal.jsonl'), folder, join(folder, 'link')]) {
    const dual = withDualWrite(memoryStore(), { path });
    const { orders } = await trade(dual, 3);
    expect(orders).toEqual(['accepted', 'accepted', 'accepted']);
    expect(dual.status()).toMatchObject({ written: 0, failure: expect.stringMatching(/^(ENOENT|EISDIR|ELOOP)$/) });
    expect(dual.status().lost).toBeGreaterThanOrEqual(6);
  }
  expect(await readFile(target, 'utf8')).toBe(''); // never through a link
});

test('goes on once the file can be written again', async () => {
  const folder = join(await temporaryFolder(), 'later');
  const path = join(folder, 'journal.jsonl');
  const dual = withDualWrite(memoryStore(), { path });
  await trade(dual, 1);
  const { lost } = dual.status();
  expect(lost).toBeGreaterThan(0);
  await mkdir(folder);
  await trade(dual, 1, 'second');
  expect(dual.status()).toMatchObject({ lost, written: expect.any(Number), failure: null });
  expect(dual.status().written).toBeGreaterThan(0);
});

test('a line torn by a crash costs that line alone', async () => {
  const path = join(await temporaryFolder(), 'journal.jsonl');
  const inner = memoryStore();
  await trade(withDualWrite(inner, { path }), 2);
  const whole = await compareDualWrite(await inner.open(), path);
  await appendFile(path, '{"call":"add","row":{"tag":"torn');
  await trade(withDualWrite(inner, { path }), 2, 'after');

  const comparison = await compareDualWrite(await inner.open(), path);

  expect(comparison.unreadable).toEqual([whole.lines + 1]);
  expect(comparison).toMatchObject({ missingInStore: [], missingInFile: [], different: [] });
  expect(comparison.same).toBeGreaterThan(whole.same);
});

test('refuses a file that is not there', async () => {
  await expect(compareDualWrite(await openMemory(), '/nowhere/journal.jsonl')).rejects.toMatchObject({
    code: 'ALGO_IMPORT_REFUSED',
  });
});

/** Places so many orders through the simulator and ends. */
async function trade(store: StoreDefinition, count: number, prefix = 'order'): Promise<{ orders: readonly string[] }> {
  const clock = createFakeClock();
  const simulator = await startSimulator({ clock });
  onTestFinished(() => simulator.close());
  const { baseUrl, authUrl, instrumentsUrl, credentials } = simulator.dhan;
  const brokers = [dhan({ baseUrl, authUrl, instrumentsUrl, instruments: 'compact' })];
  const algo = createAlgo({ store, keys: memoryKeys(), brokers, clock });
  const { clientId, accessToken } = credentials;
  const me = algo.user('u1');
  const ended = (async () => {
    await me.credentials.put('dhan', 'main', { clientId, accessToken });
    await me.establishConnection({ broker: 'dhan', account: 'main' });
    const orders: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const clientOrderId = `${prefix}-${index}`;
      const { kind } = await me.orders.place({
        clientOrderId,
        instrument: 'NSE:RELIANCE',
        side: 'BUY',
        quantity: 1,
        type: 'LIMIT',
        price: 1_390,
        product: 'CNC',
      });
      await me.orders.refresh(clientOrderId);
      orders.push(kind);
    }
    return { orders };
  })();
  const result = await clock.runUntil(ended, { stepMs: 20 });
  await algo.close();
  return result;
}
