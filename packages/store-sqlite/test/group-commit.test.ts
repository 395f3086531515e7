import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openWithConnection } from './open-with-connection.js';
import { ACCOUNT, attempt, credential, nthAttempt, sighting } from './sample-rows.js';
import { temporaryPath } from './temporary-folder.js';

const many = (length: number) => Array.from({ length }, (_, index) => nthAttempt(index));

test('many waiting attempts share one flush', async () => {
  const commits: string[] = [];
  const driver = class extends Database {
    constructor(path: string, options: Database.Options) {
      super(path, { ...options, verbose: (sql) => void (sql === 'COMMIT' && commits.push(String(sql))) });
    }
  };
  const { journal, close } = await sqlite({ path: temporaryPath(), driver }).open();
  commits.length = 0;

  const results = await Promise.all(many(200).map((row) => journal.add(row)));
  expect(results.every(({ kind }) => kind === 'added')).toBe(true);
  expect(commits).toHaveLength(1);
  await close();
});

test('a promise resolves only after another program can read what it wrote', async () => {
  const { store, path } = await openWithConnection();
  const reader = new Database(path, { readonly: true });
  onTestFinished(() => void reader.close());
  const rows = () => reader.prepare('SELECT count(*) FROM attempts').pluck().get();

  const added = Promise.all(many(3).map((row) => store.journal.add(row)));
  expect(rows()).toBe(0);
  await added;
  expect(rows()).toBe(3);
});

test('a conflict in a batch is the concern of its own write', async () => {
  const { store } = await openWithConnection();
  const answers = await Promise.allSettled([
    store.journal.add(attempt()),
    store.journal.add(attempt({ tag: 'TWIN' })), // the same command
    store.journal.add(attempt({ userId: 'u2', clientOrderId: 'c9' })), // another user's tag
    store.journal.add(nthAttempt(7, { createdAtMs: 1.5 })), // does not fit its column
    store.journal.add(nthAttempt(8, JSON.parse('{ "request": {} }'))), // cannot be bound
    store.journal.move({ ...ACCOUNT, tag: 'NONE', from: 'INTENT', to: 'SUBMITTING', atMs: 1 }),
    store.journal.add(nthAttempt(9)),
  ]);

  const doesNotFit = { code: 'ALGO_STORE_FAILED', details: { why: 'a value in it does not fit its column' } };
  expect(answers).toMatchObject([
    { value: { kind: 'added' } },
    { value: { kind: 'exists', row: attempt() } },
    { reason: { code: 'ALGO_STORE_CONFLICT' } },
    { reason: doesNotFit },
    { reason: doesNotFit },
    { value: false },
    { value: { kind: 'added' } },
  ]);
  expect(await store.journal.list('u1', { limit: 10 })).toHaveLength(2);
  expect(await store.journal.list('u2', { limit: 10 })).toHaveLength(0);
});

test('a full disk fails every write of the flush, keeps none of them, and is over when there is room', async () => {
  const { store, connection } = await openWithConnection();
  await store.journal.add(attempt({ tag: 'BEFORE', clientOrderId: 'before', tradingDay: '2026-11-19' }));
  const pages = connection.pragma('max_page_count', { simple: true });
  connection.pragma('max_page_count = 1'); // SQLite takes the present size instead

  const answers = await Promise.allSettled(many(300).map((row) => store.journal.add(row)));
  for (const answer of answers) {
    expect(answer).toMatchObject({
      reason: { code: 'ALGO_STORE_FAILED', details: { why: 'the disk is full; make room' }, effect: 'none' },
    });
  }
  expect(await store.journal.list('u1', { limit: 1_000 })).toHaveLength(1);
  const large = credential({ sealed: new Uint8Array(100_000) });
  await expect(store.credentials.put(large, null)).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });

  connection.pragma(`max_page_count = ${String(pages)}`);
  expect(await Promise.all(many(300).map((row) => store.journal.add(row)))).toContainEqual({ kind: 'added' });
  expect(await store.journal.list('u1', { tradingDay: '2026-11-20', limit: 1_000 })).toHaveLength(300);
});

test('a flush that cannot begin fails its writes, and the next one works', async () => {
  const { store, path } = await openWithConnection();
  const other = new Database(path);
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');

  const answers = await Promise.allSettled([store.journal.add(attempt()), store.journal.saveSighting(sighting())]);
  for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'ALGO_STORE_FAILED' } });
  await expect(store.journal.add(attempt())).rejects.toMatchObject({ code: 'ALGO_STORE_FAILED' });

  other.exec('ROLLBACK');
  expect(await store.journal.add(attempt())).toStrictEqual({ kind: 'added' });
});

test('a rollback that fails is made good before the next flush', async () => {
  const { store, connection, path } = await openWithConnection();
  const ioError = () => Object.assign(new Error('the row that failed: SECRET'), { code: 'SQLITE_IOERR_WRITE' });
  connection.function('fail', () => {
    throw ioError();
  });
  connection.exec('CREATE TEMP TRIGGER t BEFORE INSERT ON main.sightings BEGIN SELECT fail(); END');
  const rollback = vi.spyOn(connection, 'exec').mockImplementationOnce(() => {
    throw ioError();
  });

  const answers = await Promise.allSettled([store.journal.add(attempt()), store.journal.saveSighting(sighting())]);
  expect(answers.map(({ status }) => status)).toStrictEqual(['rejected', 'rejected']);
  expect(JSON.stringify(answers)).not.toContain('SECRET');
  expect(rollback).toHaveBeenCalledWith('ROLLBACK');

  rollback.mockImplementationOnce(() => {
    throw ioError();
  });
  await expect(store.journal.list('u1', { limit: 1 })).rejects.toMatchObject({
    code: 'ALGO_STORE_FAILED',
    details: { why: expect.stringContaining('cannot be undone') },
  });
  expect(await store.journal.list('u1', { limit: 1 })).toStrictEqual([]); // nothing of what was given up is seen

  // Alone it has no transaction around it: inside the one that was given up it would be acknowledged and lost.
  expect(await store.journal.add(attempt())).toStrictEqual({ kind: 'added' });
  const reader = new Database(path, { readonly: true });
  expect(reader.prepare('SELECT count(*) FROM attempts').pluck().get()).toBe(1);
  reader.close();
});

test('refuses ids that SQLite could not tell apart', async () => {
  const { store } = await openWithConnection();
  const invalid = { code: 'ALGO_INVALID_INPUT', details: { problems: [{ field: 'userId' }] } };
  const userId = 'u\ud800';

  await expect(store.journal.add(attempt({ userId }))).rejects.toMatchObject(invalid);
  await expect(
    store.journal.move({ tag: 'T', userId, from: 'INTENT', to: 'SUBMITTING', atMs: 1 }),
  ).rejects.toMatchObject(invalid);
  await expect(store.journal.saveSighting(sighting({ userId }))).rejects.toMatchObject(invalid);
  await expect(store.credentials.put(credential({ userId }), null)).rejects.toMatchObject(invalid);
  await expect(store.journal.list(userId, { limit: 1 })).rejects.toMatchObject(invalid);
});

test.each([
  ['UPDATE attempts SET state = 77', 'state'],
  ['UPDATE attempts SET kind = 0, state = 1, number = 9007199254740993', 'number'],
  ["UPDATE credentials SET fields = '[]'", 'fields'],
  [`UPDATE credentials SET fields = '{"a":1}'`, 'fields'],
  ["UPDATE sightings SET broker_order = '{}'", 'brokerOrderId'],
  [`UPDATE sightings SET broker_order = replace(broker_order, '"BUY"', '"HOLD"')`, 'side'],
  [`UPDATE sightings SET broker_order = replace(broker_order, '"quantity":10', '"quantity":"10"')`, 'quantity'],
])('does not pass on a row that somebody else wrote: %s', async (statement, column) => {
  const { store, connection } = await openWithConnection();
  await store.journal.add(attempt());
  await store.credentials.put(credential(), null);
  await store.journal.saveSighting(sighting());
  connection.exec(statement);

  const reads = await Promise.allSettled([
    store.journal.byTag('u1', attempt().tag),
    store.credentials.get(ACCOUNT),
    store.journal.sighting('u1', 'c1'),
  ]);
  const failed = reads.filter(({ status }) => status === 'rejected');
  expect(failed).toHaveLength(1);
  expect(failed[0]).toMatchObject({
    reason: { code: 'ALGO_STORE_FAILED', details: { why: expect.stringContaining(`column ${column} `) } },
  });
});

test('lets the process end by itself, but not before what is waiting is written', async () => {
  const { store } = await openWithConnection();
  const before = process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length;
  const added = store.journal.add(attempt());
  expect(process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length).toBe(before + 1);
  await added;
  expect(process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length).toBe(before);
});
