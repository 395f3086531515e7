import type { StoredMaster, SymbolToken } from '@algo/core/store';
import type { SqliteConnection, SqliteStatement } from './driver.js';
import { asRow, integer } from './row.js';
import { CallerFailure } from './sqlite-failure.js';

/** Writes masters, row by row, inside a transaction of the caller. */
export class InstrumentWriter {
  readonly #insert: SqliteStatement;
  readonly #next: SqliteStatement;
  readonly #addMaster: SqliteStatement;
  readonly #remove: SqliteStatement;
  readonly #removeMaster: SqliteStatement;

  constructor(connection: SqliteConnection) {
    // The position is not bound: SQLite counts on from the last row, so the rows of one master stay in one stretch.
    this.#insert = connection.prepare(
      `INSERT INTO instruments (broker, instrument, segment, token, symbol, name, isin, lot_size, tick, freeze_quantity)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#next = connection.prepare('SELECT COALESCE(MAX(seq), 0) + 1 AS first_seq FROM instruments');
    this.#addMaster = connection.prepare(
      'INSERT INTO instrument_masters (broker, rows, first_seq, source, loaded_at_ms, loaded_by) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#remove = connection.prepare('DELETE FROM instruments WHERE broker = ?');
    this.#removeMaster = connection.prepare('DELETE FROM instrument_masters WHERE broker = ?');
  }

  /** @returns how many rows went */
  clear(broker: string): number {
    this.#removeMaster.run(broker);
    return Number(this.#remove.run(broker).changes);
  }

  /** Writes the master of a broker that has none. @returns how many rows are stored */
  fill(broker: string, rows: Iterable<SymbolToken>, master: Omit<StoredMaster, 'rows'>): number {
    const firstSeq = integer(asRow(this.#next.get()), 'first_seq');
    const stored = this.#insertAll(broker, rows);
    this.#addMaster.run(broker, stored, firstSeq, master.source, master.loadedAtMs, master.loadedBy);
    return stored;
  }

  #insertAll(broker: string, rows: Iterable<SymbolToken>): number {
    let stored = 0;
    let reading = true; // so that what the caller's rows throw is told from what SQLite throws
    try {
      for (const row of rows) {
        reading = false;
        const { instrument, segment, token, symbol, name, isin, lotSize, tick, freezeQuantity } = row;
        stored += Number(
          this.#insert.run(broker, instrument, segment, token, symbol, name, isin, lotSize, tick, freezeQuantity)
            .changes,
        );
        reading = true;
      }
    } catch (error) {
      throw reading ? new CallerFailure(error) : error;
    }
    return stored;
  }
}
