import type { InstrumentStore, StoredMaster, SymbolToken } from '@algo/core/store';
import { columnsOf, namesOf, unnest } from './columns.js';
import type { Database } from './database.js';
import { idText, storedText } from './keys.js';
import { decimal, decimalOrNull, integer, text, textOrNull } from './row.js';
import type { Row } from './row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

/** Rows in one statement: more made it no faster, and hold more memory. */
const CHUNK = 2_000;

const TYPES = {
  ordinal: 'bigint[]',
  instrument: 'text[]',
  segment: 'text[]',
  token: 'text[]',
  symbol: 'text[]',
  name: 'text[]',
  isin: 'text[]',
  lot_size: 'float8[]',
  tick: 'float8[]',
  freeze_quantity: 'float8[]',
} as const;

/** The last good master of each broker: public, so whoever asks finds the same. */
export function createInstruments(db: Database): InstrumentStore {
  const { schema } = db;
  const columns = 'instrument, segment, token, symbol, name, isin, lot_size, tick, freeze_quantity';
  const rows = `SELECT ${columns} FROM ${schema}.instruments WHERE broker = $1`;
  const byInstrument = statement('instruments by contract', `${rows} AND instrument = $2`);
  const byToken = statement('instruments by token', `${rows} AND segment = $2 AND token = $3`);
  const page = statement('instruments page', `${rows} AND ordinal > $2 ORDER BY ordinal LIMIT $3`);
  const master = statement(
    'instruments master',
    `SELECT rows, source, loaded_at_ms, loaded_by FROM ${schema}.instrument_masters WHERE broker = $1`,
  );
  // First, for it locks the broker: of two that replace at once the second waits for the first.
  const announce = statement(
    'instruments announce',
    `INSERT INTO ${schema}.instrument_masters (broker, rows, source, loaded_at_ms, loaded_by) VALUES ($1, 0, $2, $3, $4)
     ON CONFLICT (broker) DO UPDATE
       SET source = excluded.source, loaded_at_ms = excluded.loaded_at_ms, loaded_by = excluded.loaded_by`,
  );
  const clear = statement('instruments clear', `DELETE FROM ${schema}.instruments WHERE broker = $1`);
  const insert = statement(
    'instruments insert',
    `INSERT INTO ${schema}.instruments (broker, ${namesOf(TYPES)}) SELECT $1, * FROM ${unnest(TYPES, 2)}`,
  );
  const count = statement('instruments count', `UPDATE ${schema}.instrument_masters SET rows = $2 WHERE broker = $1`);
  const remove = statement(
    'instruments delete',
    `WITH named AS (DELETE FROM ${schema}.instrument_masters WHERE broker = $1),
       gone AS (DELETE FROM ${schema}.instruments WHERE broker = $1 RETURNING 1)
     SELECT count(*) AS gone FROM gone`,
  );
  const one = async (what: Statement, broker: string, ...rest: readonly unknown[]) => {
    const [row] = await db.read('reading an instrument', null, what, [idText('broker', broker), ...rest]);
    return row;
  };

  return {
    async replace(userId, broker, { source, loadedAtMs, rows }) {
      const name = idText('broker', broker);
      const values = [name, storedText(source), loadedAtMs, idText('userId', userId)];
      return db.transactionOnce('replacing instruments', null, async (run) => {
        await run(announce, values);
        await run(clear, [name]);
        const stored = await inChunks(rows, (chunk) => run(insert, [name, ...columnsOf(TYPES, chunk)]));
        await run(count, [name, stored]);
        return stored;
      });
    },

    async byInstrument(userId, broker, instrument) {
      idText('userId', userId);
      const row = await one(byInstrument, broker, idText('instrument', instrument));
      return row === undefined ? null : symbolTokenFrom(row);
    },

    async byToken(userId, broker, segment, token) {
      idText('userId', userId);
      const row = await one(byToken, broker, idText('segment', segment), idText('token', token));
      return row === undefined ? null : symbolTokenFrom(row);
    },

    async page(userId, broker, after, limit) {
      idText('userId', userId);
      const values = [idText('broker', broker), after, limit];
      return (await db.read('reading instruments', null, page, values)).map(symbolTokenFrom);
    },

    async master(userId, broker) {
      idText('userId', userId);
      const row = await one(master, broker);
      return row === undefined ? null : masterFrom(row);
    },

    async deleteBroker(userId, broker) {
      idText('userId', userId);
      const [row] = await db.write('deleting instruments', null, remove, [idText('broker', broker)]);
      return row === undefined ? 0 : integer(row, 'gone');
    },
  };
}

/** Writes rows in chunks, without the second of two that mean the same. @returns how many were written */
async function inChunks(
  rows: Iterable<SymbolToken>,
  write: (chunk: readonly (readonly unknown[])[]) => Promise<unknown>,
): Promise<number> {
  const contracts = new Set<string>();
  const tokens = new Set<string>();
  let chunk: (readonly unknown[])[] = [];
  let written = 0;
  for (const row of rows) {
    const token = `${row.segment.length}:${row.segment}${row.token}`;
    if (contracts.has(row.instrument) || tokens.has(token)) continue;
    contracts.add(row.instrument);
    tokens.add(token);
    chunk.push(symbolTokenValues(++written, row));
    if (chunk.length < CHUNK) continue;
    await write(chunk);
    chunk = [];
  }
  if (chunk.length > 0) await write(chunk);
  return written;
}

const symbolTokenValues = (ordinal: number, row: SymbolToken): readonly unknown[] => [
  ordinal,
  idText('instrument', row.instrument),
  idText('segment', row.segment),
  idText('token', row.token),
  storedText(row.symbol),
  storedText(row.name),
  row.isin === null ? null : storedText(row.isin),
  row.lotSize,
  row.tick,
  row.freezeQuantity,
];

const symbolTokenFrom = (row: Row): SymbolToken => ({
  instrument: text(row, 'instrument'),
  segment: text(row, 'segment'),
  token: text(row, 'token'),
  symbol: text(row, 'symbol'),
  name: text(row, 'name'),
  isin: textOrNull(row, 'isin'),
  lotSize: decimal(row, 'lot_size'),
  tick: decimal(row, 'tick'),
  freezeQuantity: decimalOrNull(row, 'freeze_quantity'),
});

const masterFrom = (row: Row): StoredMaster => ({
  rows: integer(row, 'rows'),
  source: text(row, 'source'),
  loadedAtMs: integer(row, 'loaded_at_ms'),
  loadedBy: text(row, 'loaded_by'),
});
