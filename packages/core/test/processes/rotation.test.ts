import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sqlite } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { build } from 'esbuild';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { SealedRecord } from '../../src/contract/sealed-records.js';
import type { Store } from '../../src/contract/store.js';
import { CredentialVault } from '../../src/vault/credential-vault.js';
import { environmentKeys } from '../../src/vault/environment-keys.js';

const KILLS = process.env['ALGO_TEST_FULL'] === '1' ? 200 : 20;
const USERS = 150;

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Inside the package, so that the bundle finds the driver where the sources find it. */
const BUNDLES = fromHere('../../node_modules/.cache/core-test');
const ROTATOR = join(BUNDLES, `rotator-${process.pid}.mjs`);

beforeAll(async () => {
  await mkdir(BUNDLES, { recursive: true });
  await build({
    entryPoints: [fromHere('./rotator.ts')],
    outfile: ROTATOR,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['better-sqlite3'],
    alias: {
      '@algo/core/store': fromHere('../../src/store.ts'),
      '@algo/store-sqlite': fromHere('../../../store-sqlite/src/index.ts'),
    },
  });
});
afterAll(() => rm(ROTATOR, { force: true }));

const key = (): string => randomBytes(32).toString('hex');
const vaultOf = (current: string, older: string): CredentialVault =>
  new CredentialVault(
    environmentKeys({ variables: { CURRENT: current, OLDER: older }, current: 'CURRENT', older: ['OLDER'] }),
  );

let folder: string;
let database: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'algo-rotation-'));
  database = join(folder, 'bot.db');
  return () => rm(folder, { recursive: true });
});

test(`killed ${KILLS} times while it changes keys, the store opens and every record is readable`, async () => {
  let [current, older] = [key(), key()];
  await withStore((store) => fill(store, vaultOf(older, older)));
  const acknowledged = new Map<string, number>();
  let unfinished = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const rotator = startRotator({ CURRENT: current, OLDER: older });
    await rotator.ready;
    const ms = randomInt(120);
    await new Promise((resolve) => setTimeout(resolve, ms));
    rotator.process.kill('SIGKILL');
    const lines = await rotator.ended;
    for (const { userId, version } of lines) {
      if (userId !== undefined && version !== undefined) acknowledged.set(userId, version);
    }
    const isDone = lines.some(({ step }) => step === 'rotated');
    if (!isDone) unfinished += 1;
    await check(vaultOf(current, older), acknowledged, `killed after ${ms} ms`);
    if (isDone) [current, older] = [key(), current]; // on to the next key
  }
  expect(unfinished).toBeGreaterThan(KILLS / 4); // otherwise this test kills nobody at work

  const lines = await startRotator({ CURRENT: current, OLDER: older }).ended;

  expect(lines.at(-1)).toMatchObject({ step: 'rotated', report: { changedMeanwhile: 0, undecryptable: [] } });
  await check(vaultOf(current, current), acknowledged, 'after the last rotation'); // the older key is needed no more
});

async function fill(store: Store, vault: CredentialVault): Promise<void> {
  for (let at = 0; at < USERS; at += 1) {
    const account = { userId: `u${at}`, broker: 'dhan', account: 'main' };
    const credential = await vault.seal(account, 'credential', 1, `credential of u${at}, 1`);
    const session = await vault.seal(account, 'session', 1, `session of u${at}, 1`);
    await store.credentials.put({ ...account, version: 1, fields: {}, sealed: credential, updatedAtMs: 0 }, null);
    await store.sessions.put({ ...account, version: 1, sealed: session, expiresAtMs: null, updatedAtMs: 0 }, null);
  }
}

/** Nothing is damaged, lost or older than what was acknowledged. */
async function check(vault: CredentialVault, acknowledged: ReadonlyMap<string, number>, when: string): Promise<void> {
  const records = await withStore((store) => everyRecord(store));
  expect(records, when).toHaveLength(2 * USERS);
  for (const record of records) {
    const { userId, field, version, sealed } = record;
    expect(await vault.open(record, field, version, sealed), when).toBe(`${field} of ${userId}, ${version}`);
    if (field === 'session') expect(version, when).toBeGreaterThanOrEqual(acknowledged.get(userId) ?? 1);
  }
  const file = new Database(database, { readonly: true });
  expect(file.pragma('integrity_check', { simple: true }), when).toBe('ok');
  file.close();
}

async function everyRecord({ sealed }: Store): Promise<readonly SealedRecord[]> {
  const all: SealedRecord[] = [];
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof sealed.page>> = await sealed.page(after, 50);
    all.push(...page.records);
    after = page.next;
  } while (after !== null);
  return all;
}

async function withStore<Value>(run: (store: Store) => Promise<Value>): Promise<Value> {
  const store = await sqlite({ path: database }).open();
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

const line = z.looseObject({
  step: z.enum(['ready', 'wrote', 'rotated']),
  userId: z.string().optional(),
  version: z.number().optional(),
});
type Line = z.infer<typeof line>;

interface Rotator {
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
  /** Everything it printed whole. */
  readonly ended: Promise<readonly Line[]>;
}

function startRotator(keys: { readonly CURRENT: string; readonly OLDER: string }): Rotator {
  const argument = JSON.stringify({ database, keys, users: USERS });
  const child = spawn(process.execPath, [ROTATOR, argument], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: Line[] = [];
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (text) => {
      if (!text.endsWith('}')) return; // cut by the kill
      const read = line.parse(JSON.parse(text));
      lines.push(read);
      if (read.step === 'ready') resolve();
    });
    child.once('exit', () => reject(new Error(`The rotator ended before it was ready: ${complaint}`)));
  });
  const ended = new Promise<readonly Line[]>((resolve, reject) => {
    child.once('close', (code) => (code === 1 ? reject(new Error(complaint)) : resolve(lines)));
  });
  ready.catch(() => undefined);
  return { process: child, ready, ended };
}
