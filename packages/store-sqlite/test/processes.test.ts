import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { bundleChild, runChild } from './child-process.js';
import { temporaryFolder, temporaryPath } from './temporary-folder.js';

bundleChild();

/** Somebody without rights: the tests may run as root, whom no file mode stops. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

test('refuses a second process, and opens at once after the first was killed', async () => {
  const path = temporaryPath();
  const first = runChild('hold', path);
  expect(await first.nextLine()).toBe('open');

  await expect(sqlite({ path }).open()).rejects.toMatchObject({ code: 'ALGO_STORE_IN_USE', details: { path } });
  expect(await runChild('open', path).nextLine()).toContain('ALGO_STORE_IN_USE');

  first.process.kill('SIGKILL');
  await first.rest();
  const store = await sqlite({ path }).open();
  await store.close();
});

test('a child finds the store in use while this process has it, under any spelling', async () => {
  const path = temporaryPath();
  const link = join(temporaryFolder(), 'link.db');
  const store = await sqlite({ path }).open();
  symlinkSync(path, link);

  for (const spelling of [path, link, relative(process.cwd(), path)]) {
    expect(await runChild('open', spelling).nextLine()).toContain('ALGO_STORE_IN_USE');
    await expect(sqlite({ path: spelling }).open()).rejects.toMatchObject({ code: 'ALGO_STORE_IN_USE' });
  }
  await store.close();
  expect(await runChild('open', link).nextLine()).toBe('open');
});

test('a kill in a stream of writes loses no acknowledged attempt', async () => {
  for (const killAfter of [1, 50, 400]) {
    const path = temporaryPath();
    const child = runChild('stream', path);
    expect(await child.nextLine()).toBe('open');
    const acknowledged: string[] = [];
    while (acknowledged.length < killAfter) acknowledged.push((await child.nextLine()) ?? 'ended early');
    child.process.kill('SIGKILL');
    acknowledged.push(...(await child.rest()).filter((line) => line.length === 15)); // the last line may be cut

    const store = await sqlite({ path }).open();
    for (const tag of acknowledged) expect(await store.journal.byTag('u1', tag), tag).not.toBeNull();
    await store.close();
  }
});

test.runIf(isRoot)('says so when the file or its folder is read-only', async () => {
  const path = temporaryPath();
  await (await sqlite({ path }).open()).close();
  chmodSync(dirname(path), 0o777);
  const answer = async () => JSON.parse((await runChild('open', path, { uid: NOBODY }).nextLine()) ?? 'null');

  expect(await answer()).toStrictEqual({
    code: 'ALGO_STORE_UNUSABLE',
    details: { path, why: 'it is read-only for this process; check its owner and its rights' },
  });

  chmodSync(path, 0o666);
  expect(await answer()).toMatchObject({ details: { why: expect.stringContaining('-owner') } });

  chmodSync(dirname(path), 0o755);
  expect(await answer()).toMatchObject({ details: { why: expect.stringContaining('its folder is read-only') } });

  chmodSync(dirname(path), 0o700);
  expect(await answer()).toMatchObject({ code: 'ALGO_STORE_UNUSABLE' });
});

test.runIf(isRoot)('works for an unprivileged user in a folder of its own', async () => {
  const folder = join(temporaryFolder(), 'open-to-all');
  mkdirSync(folder);
  chmodSync(dirname(folder), 0o755);
  chmodSync(folder, 0o777);
  expect(await runChild('open', join(folder, 'orders.db'), { uid: NOBODY }).nextLine()).toBe('open');
});

test('stays readable by other programs while it is open', async () => {
  const path = temporaryPath();
  const child = runChild('stream', path);
  expect(await child.nextLine()).toBe('open');
  await child.nextLine();

  const reader = new Database(path, { readonly: true });
  expect(reader.prepare('SELECT count(*) AS n FROM attempts').get()).toMatchObject({ n: expect.any(Number) });
  reader.close();
});
