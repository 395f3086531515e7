import type { Database } from './database.js';
import type { PostgresClient } from './driver.js';
import { storedText } from './keys.js';
import { integer, integerOrNull } from './row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

/** A row of the journal that was seen committed, and how far it was then. */
interface Mark {
  readonly tag: string;
  readonly position: number;
}

/**
 * What this process saw committed in the journal: the row with the highest position, and the one it wrote last itself.
 * A server that comes back with older data, from a backup or as a replica that lagged, cannot have both as they were.
 *
 * Positions come from a sequence, of which a replica may be 32 ahead of its rows; so the rows are looked at, not only it.
 */
export class JournalMemory {
  readonly #db: Database;
  readonly #compare: Statement;
  #highest: Mark | null = null;
  #own: Mark | null = null;

  constructor(db: Database) {
    this.#db = db;
    this.#compare = statement(
      'journal compare',
      `SELECT last_value, ${db.schema}.attempt_position($1) AS highest, ${db.schema}.attempt_position($2) AS own
       FROM ${db.schema}.journal_position`,
    );
  }

  /** Remembers a row that was read. */
  saw(tag: string, position: number): void {
    if (this.#highest === null || position > this.#highest.position) this.#highest = { tag, position };
  }

  /** Remembers a row that this process wrote, once that is committed. */
  wrote(tag: string, position: number): void {
    this.saw(tag, position);
    if (this.#own === null || position > this.#own.position) this.#own = { tag, position };
  }

  /** Whether the server behind this connection lacks something that was seen. If so, it is not expected any more. */
  async isMissing(client: PostgresClient): Promise<boolean> {
    const highest = this.#highest;
    if (highest === null) return false;
    const own = this.#own ?? highest;
    const values = [storedText(highest.tag), storedText(own.tag)];
    const [row] = await this.#db.runOn(client, null, this.#compare, values);
    const isThere =
      row !== undefined &&
      integer(row, 'last_value') >= highest.position &&
      (integerOrNull(row, 'highest') ?? -1) >= highest.position &&
      (integerOrNull(row, 'own') ?? -1) >= own.position;
    if (!isThere) this.#highest = this.#own = null;
    return !isThere;
  }
}
