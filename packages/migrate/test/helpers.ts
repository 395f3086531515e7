import { copyFile, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memoryStore, systemClock } from '@algo/core';
import type { Clock, KeyProvider } from '@algo/core';
import type { AccountKey, Store } from '@algo/core/store';
import type { ImportOptions } from '@algo/migrate';
import { onTestFinished } from 'vitest';

export const TARGET: AccountKey = { userId: 'default', broker: 'kotak', account: 'main' };

/** The fixtures end in March 2025; this is a year later. */
export const clock: Clock = { ...systemClock(), now: () => Date.UTC(2026, 2, 1) };

export const ist = (text: string): number => Date.parse(`${text}+05:30`);

export const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

export async function openMemory(): Promise<Store> {
  const store = await memoryStore().open();
  onTestFinished(() => store.close());
  return store;
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'algo-migrate-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A file with that name and content in a folder of its own. */
export async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  return path;
}

/** A fixture as it was changed at that moment. */
export async function fixtureAt(name: string, changedAtMs: number): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await copyFile(fixture(name), path);
  await utimes(path, changedAtMs / 1_000, changedAtMs / 1_000);
  return path;
}

export const optionsFor = (...paths: readonly string[]): ImportOptions => ({
  files: paths.map((path) => ({ path })),
  target: TARGET,
  clock,
});

export function memoryKeys(id = 'test-key'): KeyProvider {
  const key = { id, bytes: new Uint8Array(32).fill(7) };
  return { current: async () => key, byId: async (wanted) => (wanted === id ? key : null) };
}

/** Everything a store has of one account that an import may write. */
export async function contentOf({ journal, portfolio, transfers }: Store, key: AccountKey = TARGET) {
  const filter = { broker: key.broker, account: key.account, limit: 1_000_000 };
  return {
    orders: await journal.orders(key.userId, filter),
    fills: await journal.fills(key.userId, filter),
    holdings: await portfolio.list(key, 'holdings', { limit: 1_000 }),
    positions: await portfolio.list(key, 'positions', { limit: 1_000 }),
    imports: await transfers.listImports(key.userId),
  };
}
