import type { InstrumentStore, StoredMaster, SymbolToken } from '@algo/core/store';
import { reading, together } from './at-once.js';
import type { SqliteConnection } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { InstrumentWriter } from './instrument-writer.js';
import type { Row } from './row.js';
import { asRow, integer, integerOrNull, text, textOrNull } from './row.js';

/**
 * The last good master of each broker.
 *
 * Replacing one is one transaction, and the driver is synchronous: 200,000 rows hold up the process for about a
 * second. Do it before the market opens.
 */
export function createInstruments(connection: SqliteConnection, commits: GroupCommit): InstrumentStore {
  const writer = new InstrumentWriter(connection);
  const select = `SELECT ${COLUMNS} FROM instruments`;
  const byInstrument = connection.prepare(`${select} WHERE broker = ? AND instrument = ?`);
  const byToken = connection.prepare(`${select} WHERE broker = ? AND segment = ? AND token = ?`);
  const page = connection.prepare(`${select} WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`);
  const master = connection.prepare(
    'SELECT rows, first_seq, source, loaded_at_ms, loaded_by FROM instrument_masters WHERE broker = ?',
  );
  const masterOf = (broker: string): Row | null => {
    const row = master.get(broker);
    return row === undefined ? null : asRow(row);
  };

  return {
    replace: async (userId, broker, { source, loadedAtMs, rows }) =>
      together(commits, { userId, broker }, () => {
        writer.clear(broker);
        return writer.fill(broker, rows, { source, loadedAtMs, loadedBy: userId });
      }),

    byInstrument: async (userId, broker, instrument) =>
      reading(commits, { userId, broker, instrument }, () => tokenOrNull(byInstrument.get(broker, instrument))),

    byToken: async (userId, broker, segment, token) =>
      reading(commits, { userId, broker, segment, token }, () => tokenOrNull(byToken.get(broker, segment, token))),

    page: async (userId, broker, after, limit) =>
      reading(commits, { userId, broker }, () => {
        const stored = masterOf(broker);
        if (stored === null) return [];
        const first = integer(stored, 'first_seq');
        return page.all(first + after, first + integer(stored, 'rows'), limit).map(tokenFrom);
      }),

    master: async (userId, broker) =>
      reading(commits, { userId, broker }, () => {
        const stored = masterOf(broker);
        return stored === null ? null : masterFrom(stored);
      }),

    deleteBroker: async (userId, broker) => together(commits, { userId, broker }, () => writer.clear(broker)),
  };
}

const COLUMNS = 'instrument, segment, token, symbol, name, isin, lot_size, tick, freeze_quantity';

const tokenOrNull = (value: unknown): SymbolToken | null => (value === undefined ? null : tokenFrom(value));

function tokenFrom(value: unknown): SymbolToken {
  const row = asRow(value);
  return {
    instrument: text(row, 'instrument'),
    segment: text(row, 'segment'),
    token: text(row, 'token'),
    symbol: text(row, 'symbol'),
    name: text(row, 'name'),
    isin: textOrNull(row, 'isin'),
    lotSize: integer(row, 'lot_size'),
    tick: integer(row, 'tick'),
    freezeQuantity: integerOrNull(row, 'freeze_quantity'),
  };
}

const masterFrom = (row: Row): StoredMaster => ({
  rows: integer(row, 'rows'),
  source: text(row, 'source'),
  loadedAtMs: integer(row, 'loaded_at_ms'),
  loadedBy: text(row, 'loaded_by'),
});
