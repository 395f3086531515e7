import { sqlite } from '@algo/store-sqlite';
import type { SqliteDriver } from '@algo/store-sqlite';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { temporaryPath } from './temporary-folder.js';

/** An open store and the connection under it, whose statements a test can count or break. */
export async function openWithConnection(path = temporaryPath()) {
  const connections: Database.Database[] = [];
  const driver = class extends Database {
    constructor(file: string, options: Database.Options) {
      super(file, options);
      connections.push(this);
    }
  } satisfies SqliteDriver;
  const store = await sqlite({ path, driver, busyTimeoutMs: 0 }).open();
  onTestFinished(() => store.close());
  const connection = connections.at(-1);
  if (connection === undefined) throw new Error('no connection was made');
  return { store, connection, path };
}
