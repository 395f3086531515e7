import { copyFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sqlite, sqliteMigrations } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { expectAllOfSchema1, fileOfSchema1 } from './released-files.js';
import { attempt, auditEntry, nthFill, sighting } from './sample-rows.js';
import { temporaryPath } from './temporary-folder.js';

const filesBeside = (path: string): readonly string[] => readdirSync(dirname(path)).sort();

const backupsBeside = (path: string): readonly string[] =>
  filesBeside(path)
    .filter((name) => name.startsWith(`${basename(path)}.before-`))
    .map((name) => join(dirname(path), name));

const versionOf = (path: string): unknown => {
  const database = new Database(path);
  try {
    return database.pragma('user_version', { simple: true });
  } finally {
    database.close();
  }
};

test('a file of version 0.1.0 opens, with every row readable, and a backup of it beside', async () => {
  const path = fileOfSchema1();
  const store = await sqlite({ path }).open();
  await expectAllOfSchema1(store);
  await store.close();
  expect(versionOf(path)).toBe(3);

  const [backup = '', ...others] = backupsBeside(path);
  expect(others).toStrictEqual([]);
  expect(basename(backup)).toMatch(/^orders\.db\.before-3-\d{8}T\d{9}Z$/);
  expect(statSync(backup).mode & 0o777).toBe(0o600);
  expect(versionOf(backup)).toBe(1);
  const restored = await sqlite({ path: backup }).open();
  await expectAllOfSchema1(restored);
  await restored.close();

  await (await sqlite({ path }).open()).close();
  expect(backupsBeside(path).filter((name) => !name.startsWith(backup))).toStrictEqual([]); // there was nothing to do
});

test('takes what a killed process left in the log into the backup and over the migration', async () => {
  const source = fileOfSchema1();
  const path = temporaryPath();
  const writer = new Database(source);
  writer.pragma('wal_autocheckpoint = 0');
  writer.exec("UPDATE attempts SET detail = 'only in the log' WHERE tag = 'TAG000000000000'");
  for (const suffix of ['', '-wal']) copyFileSync(source + suffix, path + suffix);
  writer.close();

  const { backup } = await sqliteMigrations({ path }).migrate();
  for (const file of [path, backup ?? '']) {
    const store = await sqlite({ path: file }).open();
    expect(await store.journal.byTag('u1', 'TAG000000000000')).toMatchObject({ detail: 'only in the log' });
    await store.close();
  }
});

test('opens no older file by itself when told so, and makes a new one all the same', async () => {
  const path = fileOfSchema1();
  const before = readFileSync(path);
  await expect(sqlite({ path, migrate: 'manual' }).open()).rejects.toMatchObject({
    code: 'ALGO_MIGRATION_NEEDED',
    details: { store: path, found: 1, wanted: 3 },
  });
  expect(readFileSync(path)).toStrictEqual(before);
  expect(backupsBeside(path)).toStrictEqual([]);

  expect(await sqliteMigrations({ path }).migrate()).toMatchObject({ from: 1, to: 3 });
  await (await sqlite({ path, migrate: 'manual' }).open()).close();
  await (await sqlite({ path: temporaryPath(), migrate: 'manual' }).open()).close();
});

test('a plan says what would be done and writes nothing', async () => {
  const path = fileOfSchema1();
  const { mtimeMs } = statSync(path);
  const before = readFileSync(path);

  const plan = await sqliteMigrations({ path }).plan();
  expect(plan).toMatchObject({
    found: 1,
    wanted: 3,
    steps: [
      { number: 2, name: 'facets' },
      { number: 3, name: 'budgets' },
    ],
  });
  expect(plan.steps[0]?.statements[0]).toBe("ALTER TABLE attempts ADD COLUMN owner TEXT NOT NULL DEFAULT ''");
  expect(filesBeside(path)).toStrictEqual(['orders.db']);
  expect(readFileSync(path)).toStrictEqual(before);
  expect(statSync(path).mtimeMs).toBe(mtimeMs);
});

test('a plan leaves the log of a killed process as it is, and is made while a store is open', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path }).open();
  await store.journal.add(attempt());
  expect(await sqliteMigrations({ path }).plan()).toStrictEqual({ found: 3, wanted: 3, steps: [] });

  const killed = temporaryPath();
  for (const suffix of ['', '-wal', '-shm']) copyFileSync(path + suffix, killed + suffix);
  await store.close();
  const before = [readFileSync(killed), readFileSync(`${killed}-wal`)];
  expect(await sqliteMigrations({ path: killed }).plan()).toMatchObject({ found: 3 });
  expect([readFileSync(killed), readFileSync(`${killed}-wal`)]).toStrictEqual(before);
  expect(filesBeside(killed)).toStrictEqual(['orders.db', 'orders.db-shm', 'orders.db-wal']);
});

test('a plan for a file that is not there is everything, and does not make it', async () => {
  const path = temporaryPath();
  expect(await sqliteMigrations({ path }).plan()).toMatchObject({
    found: 0,
    steps: [{ number: 1 }, { number: 2 }, { number: 3 }],
  });
  expect(filesBeside(path)).toStrictEqual([]);
  writeFileSync(path, '');
  expect(await sqliteMigrations({ path }).plan()).toMatchObject({ found: 0 });
  expect(statSync(path).size).toBe(0);

  expect(await sqliteMigrations({ path }).migrate()).toStrictEqual({ from: 0, to: 3, backup: null });
  expect(await sqliteMigrations({ path }).verify()).toMatchObject({ ok: true, version: 3 });
  expect(await sqliteMigrations({ path }).migrate()).toStrictEqual({ from: 3, to: 3, backup: null });
});

test('verifies that the schema is exactly what is expected, and says where it is not', async () => {
  const path = fileOfSchema1();
  const { migrate, verify } = sqliteMigrations({ path });
  expect(await verify()).toStrictEqual({ ok: false, version: 1, wanted: 3, differences: [], damage: [] });
  await migrate();
  expect(await verify()).toStrictEqual({ ok: true, version: 3, wanted: 3, differences: [], damage: [] });

  const database = new Database(path);
  database.exec('DROP TRIGGER audit_is_not_changed; DROP INDEX fills_by_user; CREATE TABLE theirs (x)');
  database.exec('ALTER TABLE leases RENAME COLUMN keeper TO holder; ANALYZE');
  database.close();
  expect(await verify()).toMatchObject({
    ok: false,
    damage: [],
    differences: [
      { type: 'index', name: 'fills_by_user', expected: expect.stringContaining('(user_id)'), found: null },
      { type: 'table', name: 'leases', expected: expect.stringContaining('keeper'), found: expect.any(String) },
      { type: 'trigger', name: 'audit_is_not_changed', found: null },
      { type: 'table', name: 'theirs', expected: null, found: 'CREATE TABLE theirs(x)' },
    ],
  });
});

test('verifies a file that a store has open, and names damage in it', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path }).open();
  const { verify } = sqliteMigrations({ path });
  expect(await verify()).toMatchObject({ ok: true });
  await store.credentials.list('u1');
  await store.close();

  const broken = new Database(path);
  broken.unsafeMode();
  broken.exec("INSERT INTO trading_days VALUES ('2026-11-20', 1)");
  broken.pragma('writable_schema = ON');
  broken.exec(
    "UPDATE sqlite_schema SET sql = replace(sql, 'first_seq INTEGER', 'first_seq TEXT') WHERE name = 'trading_days'",
  );
  broken.close();
  expect(await verify()).toMatchObject({
    ok: false,
    differences: [{ name: 'trading_days' }],
    damage: [expect.stringContaining('first_seq')],
  });
});

test('goes back to an older schema and forward again', async () => {
  const path = fileOfSchema1();
  const { migrate, rollback, verify } = sqliteMigrations({ path });
  await migrate();
  const report = await rollback(1);
  expect(report).toMatchObject({ from: 3, to: 1, backup: expect.stringContaining('.before-1-') });
  expect(versionOf(report.backup ?? '')).toBe(3);
  expect(await verify()).toMatchObject({ ok: false, version: 1, differences: [], damage: [] });
  expect(await rollback(1)).toStrictEqual({ from: 1, to: 1, backup: null });

  const store = await sqlite({ path }).open();
  await expectAllOfSchema1(store);
  await store.close();
  expect(await verify()).toMatchObject({ ok: true, version: 3 });
});

test('does not go back over rows the older schema has no place for, unless told to let them go', async () => {
  const path = fileOfSchema1();
  const store = await sqlite({ path }).open();
  await store.audit.append(auditEntry());
  await store.journal.addFills([nthFill(1), nthFill(2)]);
  await store.journal.saveSighting(sighting({ importId: 'i1' }));
  await store.journal.add(attempt({ clientOrderId: 'new', tag: 'NEW' }));
  await store.close();
  const before = readFileSync(path);

  const { rollback } = sqliteMigrations({ path });
  const refusal: unknown = await rollback(1).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'ALGO_MIGRATION_FAILED', details: { store: path } });
  expect(String(refusal)).toContain(
    'fills (2), audit (1), sightings.import_id (1), attempts.owner (1); pass acceptLoss',
  );
  expect(readFileSync(path)).toStrictEqual(before);

  const { backup } = await rollback(1, { acceptLoss: true });
  expect(versionOf(path)).toBe(1);
  const kept = await sqlite({ path: backup ?? '' }).open();
  expect(await kept.audit.list('u1', { limit: 10 })).toHaveLength(1);
  await kept.close();
});

test.each([0, 4, 1.5, Number.NaN])('does not go to schema %d', async (version) => {
  const path = temporaryPath();
  await (await sqlite({ path }).open()).close();
  await expect(sqliteMigrations({ path }).rollback(version)).rejects.toMatchObject({ code: 'ALGO_INVALID_INPUT' });
});

test('refuses a second runner, and one beside an open store', async () => {
  const path = fileOfSchema1();
  const migrations = sqliteMigrations({ path });
  const runs = await Promise.allSettled([migrations.migrate(), migrations.migrate(), migrations.rollback(1)]);
  expect(runs.map(({ status }) => status)).toStrictEqual(['fulfilled', 'rejected', 'rejected']);
  for (const run of runs.slice(1)) expect(run).toMatchObject({ reason: { code: 'ALGO_STORE_IN_USE' } });

  const store = await sqlite({ path }).open();
  await expect(migrations.migrate()).rejects.toMatchObject({ code: 'ALGO_STORE_IN_USE' });
  await expect(migrations.rollback(1)).rejects.toMatchObject({ code: 'ALGO_STORE_IN_USE' });
  await store.close();
});

test('a statement that fails leaves the file at its last whole step, with its backup', async () => {
  const path = fileOfSchema1();
  const driver = class extends Database {
    override exec(sql: string): this {
      if (sql.startsWith('CREATE TABLE leases')) throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
      return super.exec(sql);
    }
  };
  const failed = { code: 'ALGO_MIGRATION_FAILED', details: { store: path, why: 'the disk is full; make room' } };
  await expect(sqlite({ path, driver }).open()).rejects.toMatchObject(failed);
  expect(await sqliteMigrations({ path }).verify()).toMatchObject({ version: 1, differences: [], damage: [] });
  expect(backupsBeside(path)).toHaveLength(1);
  const store = await sqlite({ path }).open();
  await expectAllOfSchema1(store);
  await store.close();
});

test('migrates nothing when no backup can be made', async () => {
  const path = fileOfSchema1();
  const driver = class extends Database {
    override backup(): Promise<Database.BackupMetadata> {
      return Promise.reject(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }));
    }
  };
  await expect(sqlite({ path, driver }).open()).rejects.toMatchObject({
    code: 'ALGO_MIGRATION_FAILED',
    details: { why: 'no backup could be made beside it: the disk is full; make room' },
  });
  expect(versionOf(path)).toBe(1);
  expect(filesBeside(path).filter((name) => name.includes('before'))).toStrictEqual([]);
});

test.each([
  ['not a database', (path: string) => writeFileSync(path, 'a letter '.repeat(200))],
  [
    'of another program',
    (path: string) => {
      const other = new Database(path);
      other.exec('CREATE TABLE theirs (x)');
      other.close();
    },
  ],
  [
    'from the future',
    (path: string) => {
      const newer = new Database(path);
      newer.pragma('application_id = 1095517007');
      newer.pragma('user_version = 4');
      newer.exec('CREATE TABLE later (x)');
      newer.close();
    },
  ],
])('does nothing to a file that is %s', async (_what, make) => {
  const path = temporaryPath();
  make(path);
  const before = readFileSync(path);
  const { plan, migrate, verify, rollback } = sqliteMigrations({ path });
  for (const call of [plan, migrate, verify, () => rollback(1, { acceptLoss: true })]) {
    await expect(call()).rejects.toMatchObject({ code: 'ALGO_STORE_UNUSABLE' });
  }
  expect(readFileSync(path)).toStrictEqual(before);
  expect(filesBeside(path)).toStrictEqual(['orders.db']);
});

test('verifies no file that is not there', async () => {
  const path = temporaryPath();
  await expect(sqliteMigrations({ path }).verify()).rejects.toMatchObject({
    code: 'ALGO_STORE_UNUSABLE',
    details: { why: 'it does not exist; check the path' },
  });
  expect(existsSync(path)).toBe(false);
});

test('keeps audit entries from every way plain SQL has to change them', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path }).open();
  await store.audit.append(auditEntry());
  await store.close();

  const database = new Database(path);
  for (const statement of [
    "UPDATE audit SET actor = 'nobody'",
    'DELETE FROM audit',
    'REPLACE INTO audit SELECT seq, user_id, at_ms, NULL, action, subject, why, before, after FROM audit',
    "INSERT OR REPLACE INTO audit (seq, user_id, at_ms, actor, action, subject) VALUES (1, 'u1', 1, 'nobody', 'a', 'b')",
  ]) {
    expect(() => database.exec(statement), statement).toThrow(/never/);
  }
  expect(database.prepare('SELECT actor FROM audit').pluck().all()).toStrictEqual(['u1']);
  database.close();
});
