import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sqlite } from '@algo/store-sqlite';
import type { SqliteOptions } from '@algo/store-sqlite';
import { storeConformance } from '@algo/testkit';
import type { StorePlace, StoreSubject } from '@algo/testkit';
import Database from 'better-sqlite3';
import { describe, test } from 'vitest';
import { asRow } from '../src/row.js';
import { temporaryPath } from './temporary-folder.js';

const subject = (name: string, options: Partial<SqliteOptions> = {}): StoreSubject => ({
  name,
  create: async () => place(temporaryPath(), options),
});

/** The folder goes when the test is over. */
const place = (path: string, options: Partial<SqliteOptions>): StorePlace => ({
  definition: sqlite({ ...options, path }),
  shared: false,
  bytes: async () => Buffer.concat(readdirSync(dirname(path)).map((name) => readFileSync(join(dirname(path), name)))),
  sql: async (query) => {
    const database = new Database(path);
    try {
      const statement = database.prepare(query);
      if (statement.reader) return statement.all().map(asRow);
      statement.run();
      return [];
    } finally {
      database.close();
    }
  },
  dispose: async () => undefined,
});

const users = process.env['ALGO_TEST_FULL'] === '1' ? 1_000 : 100;
const runner = { describe, test };

storeConformance(subject('sqlite'), runner, { users });
storeConformance(subject('sqlite at normal durability', { durability: 'normal' }), runner, { users: 10 });
