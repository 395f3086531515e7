import {
  linkSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { ACCOUNT, attempt, credential, nthAttempt, session, sighting } from './sample-rows.js';
import { temporaryFolder, temporaryPath } from './temporary-folder.js';

const refused = async (path: string) => {
  const error: unknown = await sqlite({ path })
    .open()
    .then(
      () => null,
      (reason: unknown) => reason,
    );
  expect(error).toMatchObject({ code: 'ALGO_STORE_UNUSABLE' });
  return String(error);
};

const filesBeside = (path: string): readonly string[] => readdirSync(dirname(path)).sort();

test('is inert until it is opened', () => {
  const path = temporaryPath();
  sqlite({ path });
  expect(filesBeside(path)).toStrictEqual([]);
});

test('keeps everything over a restart', async () => {
  const path = temporaryPath();
  const before = await sqlite({ path }).open();
  await before.credentials.put(credential(), null);
  await before.sessions.put(session(), null);
  await before.journal.add(attempt());
  await before.journal.saveSighting(sighting());
  void before.journal.move({ ...ACCOUNT, tag: attempt().tag, from: 'SUBMITTING', to: 'REJECTED', atMs: 1 });
  await before.close(); // writes the move that is still waiting

  const after = await sqlite({ path }).open();
  expect(await after.credentials.get(ACCOUNT)).toStrictEqual(credential());
  expect(await after.sessions.get(ACCOUNT)).toStrictEqual(session());
  expect(await after.journal.byTag('u1', attempt().tag)).toMatchObject({ state: 'REJECTED' });
  expect(await after.journal.sighting('u1', 'c1')).toStrictEqual(sighting());
  expect(await after.journal.add(attempt({ tag: 'NEW' }))).toMatchObject({ kind: 'exists' });
  await after.close();
  expect(filesBeside(path)).toStrictEqual(['orders.db', 'orders.db-owner']);
});

test('every call after close says that it is closed, and closing again is no error', async () => {
  const store = await sqlite({ path: temporaryPath() }).open();
  await store.close();
  await store.close();

  const { credentials, journal, sessions } = store;
  const move = { ...ACCOUNT, tag: 'T', from: 'INTENT', to: 'SUBMITTING', atMs: 1 } as const;
  const calls = [
    () => credentials.get(ACCOUNT),
    () => credentials.put(credential(), null),
    () => credentials.list('u1'),
    () => credentials.delete(ACCOUNT),
    () => sessions.get(ACCOUNT),
    () => sessions.put(session(), null),
    () => sessions.delete(ACCOUNT),
    () => journal.add(attempt()),
    () => journal.move(move),
    () => journal.attemptsOf('u1', 'c1'),
    () => journal.byTag('u1', 'T'),
    () => journal.inState(ACCOUNT, ['INTENT']),
    () => journal.list('u1', { limit: 1 }),
    () => journal.saveSighting(sighting()),
    () => journal.sighting('u1', 'c1'),
  ];
  for (const call of calls)
    await expect(call()).rejects.toMatchObject({ code: 'ALGO_CLOSED', details: { what: 'store' } });
});

test('its files are for their owner alone, whatever the umask', async () => {
  const path = temporaryPath();
  const umask = process.umask(0);
  try {
    const store = await sqlite({ path }).open();
    await store.journal.add(attempt());
    expect(filesBeside(path)).toStrictEqual(['orders.db', 'orders.db-owner', 'orders.db-shm', 'orders.db-wal']);
    for (const name of filesBeside(path)) expect(statSync(join(dirname(path), name)).mode & 0o777, name).toBe(0o600);
    await store.close();
  } finally {
    process.umask(umask);
  }
});

test('waits for the disk before it answers, unless told otherwise', async () => {
  for (const [durability, synchronous] of [
    ['full', 2],
    ['normal', 1],
  ] as const) {
    const connections: Database.Database[] = [];
    const driver = class extends Database {
      constructor(path: string, options: Database.Options) {
        super(path, options);
        connections.push(this);
      }
    };
    const store = await sqlite({ path: temporaryPath(), durability, driver }).open();
    const journal = connections.at(-1);
    expect(journal?.pragma('synchronous', { simple: true })).toBe(synchronous);
    expect(journal?.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(journal?.pragma('foreign_keys', { simple: true })).toBe(1);
    expect(journal?.pragma('trusted_schema', { simple: true })).toBe(0);
    await store.close();
  }
});

test('a copy of the file shows no secret to plain SQL', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path }).open();
  await store.credentials.put(credential({ sealed: Buffer.from('sealed bytes') }), null);
  await store.sessions.put(session({ sealed: Buffer.from('sealed bytes') }), null);
  await store.close();

  const copy = new Database(path, { readonly: true });
  for (const table of ['credentials', 'sessions']) {
    const row = copy.prepare(`SELECT * FROM ${table}`).get();
    const secrets = Object.entries(row ?? {}).filter(([, value]) => String(value).includes('sealed bytes'));
    expect(secrets.map(([column]) => column)).toStrictEqual(['sealed']);
  }
  copy.close();
});

test('refuses a folder, and a file whose folder is missing', async () => {
  const folder = temporaryFolder();
  expect(await refused(folder)).toContain('it is a folder');
  expect(await refused(join(folder, 'missing', 'orders.db'))).toContain('create the folder first');
  writeFileSync(join(folder, 'file'), '');
  expect(await refused(join(folder, 'file', 'orders.db'))).toContain('folder');
  expect(await refused('/dev/null')).toContain('not a regular file');
  expect(filesBeside(join(folder, 'x'))).toStrictEqual(['file']);
});

test('refuses a link to nothing and a file with two names', async () => {
  const path = temporaryPath();
  symlinkSync(`${path}-gone`, path);
  expect(await refused(path)).toContain('a link to a file that is not there');

  const twice = temporaryPath();
  writeFileSync(twice, '');
  linkSync(twice, `${twice}-twin`);
  expect(await refused(twice)).toContain('several hard links');
});

test('takes an empty file for its own', async () => {
  const path = temporaryPath();
  writeFileSync(path, '');
  const store = await sqlite({ path }).open();
  await store.close();
});

test('refuses what is not a database, and leaves it as it was', async () => {
  const path = temporaryPath();
  writeFileSync(path, 'a letter to somebody, longer than the header of a database '.repeat(20));
  const before = readFileSync(path);

  expect(await refused(path)).toContain('not a SQLite database');
  expect(readFileSync(path)).toStrictEqual(before);
  expect(filesBeside(path)).toStrictEqual(['orders.db']);
});

test.each([0, 77])('refuses the database of another program with application id %i', async (applicationId) => {
  const path = temporaryPath();
  const other = new Database(path);
  other.pragma(`application_id = ${applicationId}`);
  other.exec('CREATE TABLE theirs (x)');
  other.close();
  const before = readFileSync(path);

  expect(await refused(path)).toContain('another program');
  expect(readFileSync(path)).toStrictEqual(before);
  expect(filesBeside(path)).toStrictEqual(['orders.db']);
});

test('refuses a file that a newer version wrote', async () => {
  const path = temporaryPath();
  await (await sqlite({ path }).open()).close();
  const database = new Database(path);
  database.pragma('user_version = 99');
  database.close();
  expect(await refused(path)).toMatch(/schema 99, known here 3.*upgrade/);
});

test('refuses a damaged file', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path }).open();
  await Promise.all(Array.from({ length: 500 }, (_, index) => store.journal.add(nthAttempt(index))));
  await store.close();
  const whole = readFileSync(path);

  writeFileSync(path, Buffer.concat([whole.subarray(0, 20_000), Buffer.alloc(30_000, 0xff), whole.subarray(50_000)]));
  expect(await refused(path)).toContain('damaged');
  writeFileSync(path, whole);
  truncateSync(path, 60_000);
  expect(await refused(path)).toContain('damaged');
  expect(filesBeside(path)).toContain('orders.db');
});

test('leaves nothing behind when a new file cannot be filled', async () => {
  const path = temporaryPath();
  const driver = class extends Database {
    override exec(sql: string): this {
      if (sql.includes('synchronous')) throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
      return super.exec(sql);
    }
  };
  await expect(sqlite({ path, driver }).open()).rejects.toMatchObject({
    code: 'ALGO_STORE_UNUSABLE',
    details: { why: 'the disk is full; make room' },
  });
  expect(filesBeside(path)).toStrictEqual([]);
});

test('a schema that cannot be made whole is not made at all', async () => {
  const path = temporaryPath();
  const driver = class extends Database {
    override exec(sql: string): this {
      if (sql.startsWith('CREATE TABLE sightings')) throw Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
      return super.exec(sql);
    }
  };
  writeFileSync(path, ''); // a file that was there is not taken away
  await expect(sqlite({ path, driver }).open()).rejects.toMatchObject({ code: 'ALGO_STORE_UNUSABLE' });

  const left = new Database(path);
  expect(left.prepare("SELECT name FROM sqlite_schema WHERE name = 'attempts'").all()).toStrictEqual([]);
  left.close();
  await (await sqlite({ path }).open()).close();
});

test('says what to do about a file of ours in which a table is missing', async () => {
  const path = temporaryPath();
  await (await sqlite({ path }).open()).close();
  const database = new Database(path);
  database.exec('DROP TABLE fills');
  database.close();
  expect(await refused(path)).toContain('sqliteMigrations');
  expect(await refused(path)).toContain('sqliteMigrations'); // and lets go of it each time
});

test('looks through the file as deep as it is told', async () => {
  const path = temporaryPath();
  const store = await sqlite({ path }).open();
  await store.credentials.put(credential(), null);
  await store.close();
  const broken = new Database(path);
  broken.unsafeMode();
  broken.pragma('writable_schema = ON');
  broken.exec(
    "UPDATE sqlite_schema SET sql = replace(sql, '(broker)', '(account)') WHERE name = 'credentials_by_broker'",
  );
  broken.close(); // the index no longer says what its table says: only a full check compares them

  await (await sqlite({ path, check: 'none' }).open()).close();
  await (await sqlite({ path }).open()).close();
  await expect(sqlite({ path, check: 'full' }).open()).rejects.toMatchObject({
    code: 'ALGO_STORE_UNUSABLE',
    details: { why: expect.stringContaining('damaged') },
  });
});

test('a lock file that was taken away while it was being locked is locked again', async () => {
  const path = temporaryPath();
  let removed = false;
  const driver = class extends Database {
    override exec(sql: string): this {
      const done = super.exec(sql);
      if (sql === 'BEGIN EXCLUSIVE' && !removed) {
        removed = true;
        rmSync(`${path}-owner`);
      }
      return done;
    }
  };
  const store = await sqlite({ path, driver }).open();
  await expect(sqlite({ path }).open()).rejects.toMatchObject({ code: 'ALGO_STORE_IN_USE' });
  await store.close();
});
