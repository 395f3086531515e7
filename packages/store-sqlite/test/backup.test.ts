import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sqlite, sqliteBackup } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { bundleChild, runChild } from './child-process.js';
import { plainDriver } from './plain-driver.js';
import { ACCOUNT, attempt, credential, instruments, nthAttempt } from './sample-rows.js';
import { temporaryFolder, temporaryPath } from './temporary-folder.js';

bundleChild();

const master = (rows: number) => ({ source: 'test', loadedAtMs: 1, rows: instruments(rows) });

test('copies an open store while it goes on writing', async () => {
  const path = temporaryPath();
  const to = join(temporaryFolder(), 'copy.db');
  const store = await sqlite({ path }).open();
  await store.instruments.replace('u1', 'dhan', master(20_000)); // some hundred turns of copying
  await store.credentials.put(credential(), null);
  let written = 0;
  const copy = { isMade: false };
  const backup = sqliteBackup({ path, to }).then(() => void (copy.isMade = true));
  while (!copy.isMade) await store.journal.add(nthAttempt(written++));
  await backup;
  expect(written).toBeGreaterThan(10);
  expect(statSync(to).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(to))).toStrictEqual(['copy.db']);
  expect(await store.journal.list('u1', { limit: 100_000 })).toHaveLength(written);
  await store.close();

  const copied = await sqlite({ path: to, check: 'full' }).open();
  expect(await copied.credentials.get(ACCOUNT)).toStrictEqual(credential());
  expect(await copied.instruments.master('u1', 'dhan')).toMatchObject({ rows: 20_000 });
  expect((await copied.journal.list('u1', { limit: 100_000 })).length).toBeLessThan(written);
  await copied.close();
});

test('copies a store that another process has open, with all that was acknowledged', async () => {
  const path = temporaryPath();
  const to = `${path}-copy`;
  const child = runChild('stream', path);
  expect(await child.nextLine()).toBe('open');
  const acknowledged: string[] = [];
  while (acknowledged.length < 200) acknowledged.push((await child.nextLine()) ?? 'ended early');
  await sqliteBackup({ path, to, check: 'full' });

  const copy = await sqlite({ path: to }).open();
  for (const tag of acknowledged) expect(await copy.journal.byTag('u1', tag), tag).not.toBeNull();
  await copy.close();
});

test('copies a closed store and leaves nothing beside it', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path }).open();
  await store.journal.add(attempt());
  await store.close();
  await sqliteBackup({ path, to: `${path}-copy` });
  expect(readdirSync(dirname(path)).sort()).toStrictEqual(['orders.db', 'orders.db-copy', 'orders.db-owner']);
});

test('works with a driver that cannot copy page by page', async () => {
  const driver = plainDriver();
  const path = temporaryPath();
  const store = await sqlite({ path, driver }).open();
  await store.journal.add(attempt());
  await sqliteBackup({ path, to: `${path}-copy`, driver });
  await store.close();
  const copy = await sqlite({ path: `${path}-copy` }).open();
  expect(await copy.journal.byTag('u1', attempt().tag)).toStrictEqual(attempt());
  await copy.close();
});

test('never writes over a file, and says what is in the way', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path }).open();
  const failed = (why: string) => ({ code: 'ALGO_STORE_FAILED', details: { what: 'making the backup', why } });

  writeFileSync(`${path}-copy`, 'mine');
  for (const to of [`${path}-copy`, path]) {
    await expect(sqliteBackup({ path, to })).rejects.toMatchObject(
      failed('there is a file of that name already; choose another name'),
    );
  }
  await expect(sqliteBackup({ path, to: join(path, 'x', 'copy.db') })).rejects.toMatchObject(
    failed('a part of its path is not a folder; check the path'),
  );
  await expect(sqliteBackup({ path, to: join(dirname(path), 'none', 'copy.db') })).rejects.toMatchObject(
    failed('its folder does not exist; create the folder first'),
  );
  await expect(sqliteBackup({ path, to: '' })).rejects.toMatchObject({ code: 'ALGO_INVALID_INPUT' });
  await expect(sqliteBackup({ path: `${path}-none`, to: `${path}-2` })).rejects.toMatchObject({
    code: 'ALGO_STORE_UNUSABLE',
  });
  await store.close();
});

test.each([
  ['the disk is full', { code: 'SQLITE_FULL' }, 'the disk is full; make room'],
  ['the disk fails', { code: 'SQLITE_IOERR_WRITE' }, 'the disk reported an error; check it before trading on'],
])('leaves no half a copy when %s', async (_what, code, why) => {
  const path = temporaryPath();
  const driver = class extends Database {
    override async backup(to: string): Promise<Database.BackupMetadata> {
      await super.backup(to, { progress: () => 1 });
      throw Object.assign(new Error('while copying'), code);
    }
  };
  const store = await sqlite({ path, driver }).open();
  await expect(sqliteBackup({ path, to: `${path}-copy`, driver })).rejects.toMatchObject({ details: { why } });
  expect(readdirSync(dirname(path)).filter((name) => name.includes('copy'))).toStrictEqual([]);
  await store.close();
});

test('gives no name to a copy that is damaged', async () => {
  const path = temporaryPath();
  const driver = class extends Database {
    override async backup(to: string): Promise<Database.BackupMetadata> {
      const done = await super.backup(to);
      writeFileSync(to, Buffer.alloc(4_096, 0xff), { flag: 'r+' });
      return done;
    }
  };
  const store = await sqlite({ path, driver }).open();
  await expect(sqliteBackup({ path, to: `${path}-copy`, driver })).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });
  expect(existsSync(`${path}-copy`)).toBe(false);
  await store.close();
});
