import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sqlite, sqliteMigrations } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { bundleChild, runChild } from './child-process.js';
import type { Child } from './child-process.js';
import { FULL, freshRandom } from './full-run.js';
import { expectAllOfSchema1, fileOfSchema1 } from './released-files.js';
import { stepCounter } from './step-counter.js';
import { temporaryPath } from './temporary-folder.js';

bundleChild();

/** A file of the newest schema that may go back to schema 1. */
async function fileOfSchema2(): Promise<string> {
  const path = fileOfSchema1();
  await sqliteMigrations({ path }).migrate();
  return path;
}

/** Backups that have their name, and so must be whole. */
const backupsOf = (path: string): readonly string[] =>
  readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.before-`) && name.endsWith('Z'))
    .map((name) => join(dirname(path), name));

const KILLS = FULL ? 100 : 10; // of each kind

test.each([
  ['migrate', fileOfSchema1],
  ['rollback', fileOfSchema2],
] as const)('a kill at any step of %s leaves a store that opens, with every record readable', async (what, make) => {
  const random = freshRandom(`kills in ${what}`);
  const counted = stepCounter(() => undefined);
  const whole = sqliteMigrations({ path: await make(), driver: counted.driver });
  await (what === 'migrate' ? whole.migrate() : whole.rollback(1));
  const steps = counted.steps();
  const original = await make();
  const versions = new Set<unknown>();

  for (let kill = 0; kill < KILLS; kill++) {
    const killAt = kill === 0 ? steps - 1 : Math.floor(((kill - 1 + random()) * steps) / (KILLS - 1)); // all over, and after the end
    const path = temporaryPath();
    copyFileSync(original, path);
    const child = runChild(what, path, { killAt });
    expect(await child.rest(), `step ${killAt}`).toStrictEqual([]);

    const database = new Database(path);
    versions.add(database.pragma('user_version', { simple: true }));
    database.close();
    for (const file of [path, ...backupsOf(path)]) {
      const store = await sqlite({ path: file, check: 'full' }).open();
      await expectAllOfSchema1(store);
      await store.close();
    }
    expect(await sqliteMigrations({ path }).verify()).toMatchObject({ ok: true });
  }
  expect([...versions]).toStrictEqual(expect.arrayContaining([1, 3])); // some kills came before any step was done, and some after all
});

const COPIES = FULL ? 2_000 : 100;
const COPIES_OF_ONE_WRITER = 100;
/** Each copy is read through from end to end: a busy machine takes more than the usual time for a hundred. */
const LONG = { timeout: FULL ? 900_000 : 120_000 };

test('a copy of file and log, taken at any moment, is whole and holds every acknowledged commit', LONG, async () => {
  const random = freshRandom('copies');
  for (let taken = 0; taken < COPIES; taken += COPIES_OF_ONE_WRITER) {
    const path = temporaryPath();
    const child = runChild('stream', path);
    expect(await child.nextLine()).toBe('open');
    const acknowledged = collectLines(child);
    const to = temporaryPath();
    for (let copy = 0; copy < COPIES_OF_ONE_WRITER; copy++) {
      await wait(random() * 15);
      const said = await whileStopped(child, acknowledged, () => {
        for (const suffix of ['', '-wal']) copyFileSync(path + suffix, to + suffix);
      });
      expectWhole(to, said);
      for (const suffix of ['', '-wal', '-shm']) rmSync(to + suffix, { force: true });
    }
    child.process.kill('SIGKILL');
    expect(acknowledged().length).toBeGreaterThan(COPIES_OF_ONE_WRITER);
  }
});

/** Everything the writer said so far, whole lines alone. */
function collectLines(child: Child): () => readonly string[] {
  const lines: string[] = [];
  void (async () => {
    for (let line = await child.nextLine(); line !== null; line = await child.nextLine()) {
      if (line.length === 15) lines.push(line);
    }
  })();
  return () => [...lines];
}

/** @returns what the writer had said by then */
async function whileStopped(child: Child, lines: () => readonly string[], run: () => void): Promise<readonly string[]> {
  child.process.kill('SIGSTOP');
  while (!stateOf(child).startsWith('T')) await wait(1);
  run();
  await wait(2); // for what the writer said before it was stopped and nobody has read yet
  const said = lines();
  child.process.kill('SIGCONT');
  return said;
}

const stateOf = (child: Child): string =>
  execFileSync('ps', ['-o', 'stat=', '-p', String(child.process.pid)], { encoding: 'utf8' }).trim();

function expectWhole(path: string, acknowledged: readonly string[]): void {
  const copy = new Database(path);
  expect(copy.pragma('integrity_check')).toStrictEqual([{ integrity_check: 'ok' }]);
  const tags = new Set(copy.prepare('SELECT tag FROM attempts').pluck().all());
  copy.close();
  expect(acknowledged.filter((tag) => !tags.has(tag))).toStrictEqual([]);
}
