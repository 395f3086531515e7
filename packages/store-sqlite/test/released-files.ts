import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Store } from '@algo/core/store';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { KIND_CODES, STATE_CODES } from '../src/attempt-row.js';
import type { Row } from '../src/row.js';
import { asRow, integer, json, text } from '../src/row.js';
import { temporaryPath } from './temporary-folder.js';

const FILE = fileURLToPath(new URL('./fixtures/schema-1.db', import.meta.url));

/** A file as version 0.1.0 left it, to be worked on. */
export function fileOfSchema1(): string {
  const path = temporaryPath();
  copyFileSync(FILE, path);
  return path;
}

/** Compares what a store reads, row by row and field by field, with what plain SQL finds in the released file. */
export async function expectAllOfSchema1(store: Store): Promise<void> {
  const released = new Database(FILE, { readonly: true, fileMustExist: true });
  const rowsOf = (table: string): readonly Row[] => released.prepare(`SELECT * FROM ${table}`).all().map(asRow);
  const [credentials, sessions, attempts, sightings] = ['credentials', 'sessions', 'attempts', 'sightings'].map(rowsOf);
  released.close();

  expect([credentials, sessions, attempts, sightings].map((rows) => rows?.length)).toStrictEqual([4, 4, 60, 6]);
  for (const row of credentials ?? []) {
    expect(await store.credentials.get(accountOf(row))).toStrictEqual({
      ...accountOf(row),
      version: row['version'],
      fields: json(row, 'fields'),
      sealed: new Uint8Array(row['sealed'] instanceof Buffer ? row['sealed'] : []),
      updatedAtMs: row['updated_at_ms'],
    });
  }
  for (const row of sessions ?? []) {
    expect(await store.sessions.get(accountOf(row))).toStrictEqual({
      ...accountOf(row),
      version: row['version'],
      sealed: new Uint8Array(row['sealed'] instanceof Buffer ? row['sealed'] : []),
      expiresAtMs: row['expires_at_ms'],
      updatedAtMs: row['updated_at_ms'],
    });
  }
  for (const row of attempts ?? []) {
    expect(await store.journal.byTag(text(row, 'user_id'), text(row, 'tag'))).toStrictEqual({
      ...accountOf(row),
      tag: row['tag'],
      owner: '',
      kind: wordOf(KIND_CODES, integer(row, 'kind')),
      clientOrderId: row['client_order_id'],
      number: row['number'],
      request: row['request'],
      state: wordOf(STATE_CODES, integer(row, 'state')),
      tradingDay: row['trading_day'],
      createdAtMs: row['created_at_ms'],
      sendByMs: row['send_by_ms'],
      brokerOrderId: row['broker_order_id'],
      detail: row['detail'],
      updatedAtMs: row['updated_at_ms'],
    });
  }
  for (const row of sightings ?? []) {
    expect(await store.journal.sighting(text(row, 'user_id'), text(row, 'client_order_id'))).toStrictEqual({
      ...accountOf(row),
      clientOrderId: row['client_order_id'],
      order: json(row, 'broker_order'),
      seenAtMs: row['seen_at_ms'],
      importId: null,
    });
  }
  expect(await store.journal.list('u1', { tradingDay: '2026-11-20', limit: 100 })).toHaveLength(18);
  expect(await store.journal.orders('u1', { limit: 100 })).not.toHaveLength(0);
}

const accountOf = (row: Row) => ({
  userId: text(row, 'user_id'),
  broker: text(row, 'broker'),
  account: text(row, 'account'),
});

const wordOf = (codes: Readonly<Record<string, number>>, code: number): string | undefined =>
  Object.keys(codes).find((word) => codes[word] === code);
