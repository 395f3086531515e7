import { AlgoError } from '@algo/core/store';
import type { AddResult, AttemptMove, AttemptRow, AttemptState, OrderJournal, OrderSighting } from '@algo/core/store';
import { ATTEMPT_COLUMNS, FIRST_SETTLED, KIND_CODES, STATE_CODES, attemptFrom } from './attempt-row.js';
import type { SqliteConnection, SqliteStatement } from './driver.js';
import type { GroupCommit, Write } from './group-commit.js';
import { checkId, checkIds } from './keys.js';
import { reading } from './at-once.js';
import { SIGHTING_COLUMNS, sightingFrom } from './sighting-row.js';

/**
 * The order journal on raw prepared statements: `add` and `move` are on the road of every order, and a query builder
 * would cost more there than SQLite does.
 *
 * Every statement names the user; a tag or an order id alone finds nothing.
 */
export function createOrderJournal(connection: SqliteConnection, commits: GroupCommit): OrderJournal {
  const attempts = new AttemptWriter(connection);
  const saveSighting = connection.prepare(
    `INSERT INTO sightings (client_order_id, user_id, broker, account, broker_order, seen_at_ms) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (client_order_id, user_id) DO UPDATE SET
       broker = excluded.broker, account = excluded.account, broker_order = excluded.broker_order, seen_at_ms = excluded.seen_at_ms`,
  );
  const attemptsOf = connection.prepare(
    `SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE client_order_id = ? AND user_id = ? ORDER BY seq`,
  );
  const byTag = connection.prepare(`SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE tag = ? AND user_id = ?`);
  const sighting = connection.prepare(
    `SELECT ${SIGHTING_COLUMNS} FROM sightings WHERE client_order_id = ? AND user_id = ?`,
  );
  const inState = inStateStatements(connection);
  const list = listStatements(connection);

  return {
    add(row) {
      return new Promise((resolve, reject) => commits.submit(new AddWrite(attempts, row, resolve, reject)));
    },

    move(move) {
      return new Promise((resolve, reject) => commits.submit(new MoveWrite(attempts, move, resolve, reject)));
    },

    attemptsOf: async (userId, clientOrderId) =>
      reading(commits, { userId, clientOrderId }, () => attemptsOf.all(clientOrderId, userId).map(attemptFrom)),

    byTag: async (userId, tag) =>
      reading(commits, { userId, tag }, () => {
        const row = byTag.get(tag, userId);
        return row === undefined ? null : attemptFrom(row);
      }),

    inState: async ({ userId, broker, account }, states) =>
      reading(commits, { userId, broker, account }, () =>
        inState(states).all(userId, broker, account, maskOf(states)).map(attemptFrom),
      ),

    list: async (userId, { tradingDay, limit }) =>
      reading(commits, { userId }, () => list(userId, tradingDay, limit).map(attemptFrom)),

    saveSighting: (seen) =>
      new Promise((resolve, reject) => commits.submit(new SightingWrite(saveSighting, seen, resolve, reject))),

    sighting: async (userId, clientOrderId) =>
      reading(commits, { userId, clientOrderId }, () => {
        const row = sighting.get(clientOrderId, userId);
        return row === undefined ? null : sightingFrom(row);
      }),
  };
}

/** The statements that write attempts, and the trading day written last. */
class AttemptWriter {
  readonly #insert: SqliteStatement;
  readonly #twin: SqliteStatement;
  readonly #update: SqliteStatement;
  readonly #beginDay: SqliteStatement;
  #day = '';

  constructor(connection: SqliteConnection) {
    this.#insert = connection.prepare(
      `INSERT INTO attempts (tag, user_id, broker, account, kind, client_order_id, number, request, state, trading_day,
         created_at_ms, send_by_ms, broker_order_id, detail, updated_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#twin = connection.prepare(
      `SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE client_order_id = ? AND user_id = ? AND kind = ? AND number = ?`,
    );
    this.#update = connection.prepare(
      `UPDATE attempts SET state = ?, updated_at_ms = ?, send_by_ms = COALESCE(?, send_by_ms),
         broker_order_id = COALESCE(?, broker_order_id), detail = COALESCE(?, detail)
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
    );
    if (changes === 1) return ADDED;
    const twin = this.#twin.get(row.clientOrderId, row.userId, kind, row.number);
    // Not the command, so it is the tag: it may be another user's row, of which nothing is said.
    if (twin === undefined) throw new AlgoError('ALGO_STORE_CONFLICT', { what: 'The tag of a new attempt' });
    return { kind: 'exists', row: attemptFrom(twin) };
  }

  move(move: AttemptMove): boolean {
    checkId('userId', move.userId);
    const { changes } = this.#update.run(
      STATE_CODES[move.to],
      move.atMs,
      move.sendByMs ?? null,
      move.brokerOrderId ?? null,
      move.detail ?? null,
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

class AddWrite implements Write {
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

class MoveWrite implements Write {
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

class SightingWrite implements Write {
  constructor(
    private readonly statement: SqliteStatement,
    private readonly sighting: OrderSighting,
    private readonly resolve: () => void,
    private readonly reject: (error: Error) => void,
  ) {}

  run(): void {
    const { clientOrderId, userId, broker, account, order, seenAtMs } = this.sighting;
    checkIds({ clientOrderId, userId });
    this.statement.run(clientOrderId, userId, broker, account, JSON.stringify(order), seenAtMs);
  }

  succeeded(): void {
    this.resolve();
  }

  failed(error: Error): void {
    this.reject(error);
  }
}

/** Bit n stands for the state with code n: one statement serves every set of states. */
const maskOf = (states: readonly AttemptState[]): number =>
  states.reduce((mask, state) => mask | (1 << STATE_CODES[state]), 0);

/** Unsettled states are read from their own small index; asking for a settled one walks the table. */
function inStateStatements(connection: SqliteConnection): (states: readonly AttemptState[]) => SqliteStatement {
  const query = `SELECT ${ATTEMPT_COLUMNS} FROM attempts
    WHERE user_id = ? AND broker = ? AND account = ? AND (1 << state) & ? <> 0`;
  const unsettled = connection.prepare(`${query} AND state < ${FIRST_SETTLED} ORDER BY seq`);
  const any = connection.prepare(`${query} ORDER BY seq`);
  return (states) => (states.every((state) => STATE_CODES[state] < FIRST_SETTLED) ? unsettled : any);
}

type List = (userId: string, tradingDay: string | undefined, limit: number) => readonly unknown[];

/** Walks back from the newest row, which is where the wanted ones are, and for one day no further than its first row. */
function listStatements(connection: SqliteConnection): List {
  const query = `SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE user_id = ? AND kind = ${KIND_CODES.place}`;
  const all = connection.prepare(`${query} ORDER BY seq DESC LIMIT ?`);
  const ofDay = connection.prepare(
    `${query} AND trading_day = ? AND seq >= (SELECT first_seq FROM trading_days WHERE trading_day = ?)
     ORDER BY seq DESC LIMIT ?`,
  );
  return (userId, tradingDay, limit) =>
    tradingDay === undefined ? all.all(userId, limit) : ofDay.all(userId, tradingDay, tradingDay, limit);
}
