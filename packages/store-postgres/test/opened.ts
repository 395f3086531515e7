import { setTimeout as pause } from 'node:timers/promises';
import type { Store, StoreChange } from '@algo/core/store';
import { postgres } from '@algo/store-postgres';
import type { PostgresOptions } from '@algo/store-postgres';
import { onTestFinished } from 'vitest';
import type { TestServer } from './server.js';

export const isFull = process.env['ALGO_TEST_FULL'] === '1';

/** An opened store that is closed when the test is over. */
export async function opened(
  server: TestServer,
  schema: string,
  options: Partial<PostgresOptions> = {},
): Promise<Store> {
  const { pool: _pool, ...rest } = options;
  const store = await postgres({ connectionString: server.address(), schema, connections: 3, ...rest }).open();
  onTestFinished(() => store.close());
  return store;
}

/** What the store tells from now on. */
export function changesOf(store: Store): StoreChange[] {
  const heard: StoreChange[] = [];
  store.onChange((change) => void heard.push(change));
  return heard;
}

export const kindsOf = (changes: readonly StoreChange[]): ReadonlySet<StoreChange['kind']> =>
  new Set(changes.map(({ kind }) => kind));

/** Waits until it is so; fails after `withinMs`. */
export async function eventually(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs = 10_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(10);
  }
}
