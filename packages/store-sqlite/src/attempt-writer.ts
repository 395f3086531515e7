import { AlgoError } from '@algo/core/store';
import type { AddResult, AttemptMove, AttemptRow } from '@algo/core/store';
import { ATTEMPT_COLUMNS, KIND_CODES, STATE_CODES, attemptFrom } from './attempt-row.js';
import type { SqliteConnection, SqliteStatement } from './driver.js';
import type { Write } from './group-commit.js';
import { checkId } from './keys.js';

/** The statements that write attempts, and the trading day written last. */
export class AttemptWriter {
  readonly #insert: SqliteStatement;
  readonly #twin: SqliteStatement;
  readonly #update: SqliteStatement;
  readonly #beginDay: SqliteStatement;
  #day = '';

  constructor(connection: SqliteConnection) {
    this.#insert = connection.prepare(
      `INSERT INTO attempts (tag, user_id, broker, account, kind, client_order_id, number, request, state, trading_day,
         created_at_ms, send_by_ms, broker_order_id, detail, updated_at_ms, owner)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#twin = connection.prepare(
      `SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE client_order_id = ? AND user_id = ? AND kind = ? AND number = ?`,
    );
    this.#update = connection.prepare(
      `UPDATE attempts SET state = ?, updated_at_ms = ?, send_by_ms = COALESCE(?, send_by_ms),
         broker_order_id = COALESCE(?, broker_order_id), detail = COALESCE(?, detail),
         owner = COALESCE(?, owner)
       WHERE tag = ? AND user_id = ? AND state = ?`,
    );
    // Before the day's first row: were only this kept, the day would begin early, and a list still find all of it.
    this.#beginDay = connection.prepare(
      `INSERT INTO trading_days (trading_day, first_seq) SELECT ?, COALESCE(MAX(seq), 0) + 1 FROM attempts WHERE true
       ON CONFLICT DO NOTHING`,
    );
  }

  add(row: AttemptRow): AddResult {
    checkId('userId', row.userId);
    checkId('broker', row.broker);
    checkId('account', row.account);
    checkId('tag', row.tag);
    checkId('clientOrderId', row.clientOrderId);
    if (row.tradingDay !== this.#day) {
      this.#beginDay.run(row.tradingDay);
      this.#day = row.tradingDay;
    }
    const kind = KIND_CODES[row.kind];
    const { changes } = this.#insert.run(
      row.tag,
      row.userId,
      row.broker,
      row.account,
      kind,
      row.clientOrderId,
      row.number,
      row.request,
      STATE_CODES[row.state],
      row.tradingDay,
      row.createdAtMs,
      row.sendByMs,
      row.brokerOrderId,
      row.detail,
      row.updatedAtMs,
      row.owner,
    );
    if (changes === 1) return ADDED;
    const twin = this.#twin.get(row.clientOrderId, row.userId, kind, row.number);
    // Not the command, so it is the tag: it may be another user's row, of which nothing is said.
    if (twin === undefined) throw new AlgoError('ALGO_STORE_CONFLICT', { what: 'The tag of a new attempt' });
    return { kind: 'exists', row: attemptFrom(twin) };
  }

  move(move: AttemptMove): boolean {
    checkId('userId', move.userId);
    checkId('tag', move.tag);
    const { changes } = this.#update.run(
      STATE_CODES[move.to],
      move.atMs,
      move.sendByMs ?? null,
      move.brokerOrderId ?? null,
      move.detail ?? null,
      move.owner ?? null,
      move.tag,
      move.userId,
      STATE_CODES[move.from],
    );
    return changes === 1;
  }

  /** After a flush that was undone nothing is known about which days are there. */
  forget(): void {
    this.#day = '';
  }
}

const ADDED: AddResult = { kind: 'added' };

// Classes and not closures: two of these are made for every order.

export class AddWrite implements Write {
  #result: AddResult = ADDED;

  constructor(
    private readonly attempts: AttemptWriter,
    private readonly row: AttemptRow,
    private readonly resolve: (result: AddResult) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  run(): void {
    this.#result = this.attempts.add(this.row);
  }

  succeeded(): void {
    this.resolve(this.#result);
  }

  failed(error: Error): void {
    this.attempts.forget();
    this.reject(error);
  }
}

export class MoveWrite implements Write {
  #moved = false;

  constructor(
    private readonly attempts: AttemptWriter,
    private readonly change: AttemptMove,
    private readonly resolve: (moved: boolean) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  run(): void {
    this.#moved = this.attempts.move(this.change);
  }

  succeeded(): void {
    this.resolve(this.#moved);
  }

  failed(error: Error): void {
    this.reject(error);
  }
}
