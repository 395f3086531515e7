import type { AttemptState, OrderJournal, QueueClaim } from '@algo/core/store';
import { reading, writing } from './at-once.js';
import { ATTEMPT_COLUMNS, FIRST_SETTLED, KIND_CODES, STATE_CODES, attemptFrom } from './attempt-row.js';
import { AddWrite, AttemptWriter, MoveWrite } from './attempt-writer.js';
import type { SqliteConnection, SqliteStatement } from './driver.js';
import type { GroupCommit } from './group-commit.js';
import { createOrderRecords } from './order-records.js';
import { asRow, integer } from './row.js';

/**
 * The order journal on raw prepared statements: `add` and `move` are on the road of every order, and a query builder
 * would cost more there than SQLite does.
 *
 * Every statement names the user; a tag or an order id alone finds nothing.
 */
export function createOrderJournal(connection: SqliteConnection, commits: GroupCommit): OrderJournal {
  const attempts = new AttemptWriter(connection);
  const attemptsOf = connection.prepare(
    `SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE client_order_id = ? AND user_id = ? ORDER BY seq`,
  );
  const byTag = connection.prepare(`SELECT ${ATTEMPT_COLUMNS} FROM attempts WHERE tag = ? AND user_id = ?`);
  // One statement, and so one transaction; SQLite gives the rows back in no order.
  const claim = connection.prepare(
    `UPDATE attempts SET state = ${STATE_CODES.SUBMITTING}, owner = @owner, send_by_ms = @sendByMs, updated_at_ms = @atMs
     WHERE seq IN (
       SELECT seq FROM attempts WHERE user_id = @userId AND broker = @broker AND account = @account
         AND state < ${FIRST_SETTLED} AND state = ${STATE_CODES.INTENT} AND (1 << kind) & @mask <> 0
       ORDER BY seq LIMIT @limit)
     RETURNING seq, ${ATTEMPT_COLUMNS}`,
  );
  const inState = inStateStatements(connection);
  const list = listStatements(connection);

  return {
    ...createOrderRecords(connection, commits),

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
        inState(states)
          .all({ userId, broker, account, mask: maskOf(states) })
          .map(attemptFrom),
      ),

    list: async (userId, { tradingDay, limit }) =>
      reading(commits, { userId }, () => list(userId, tradingDay, limit).map(attemptFrom)),

    claimQueued: async ({ userId, broker, account }, { kinds, limit, owner, sendByMs, atMs }) =>
      writing(commits, { userId, broker, account, owner }, () => {
        const mask = kindMask(kinds);
        const claimed = claim.all({ userId, broker, account, mask, limit, owner, sendByMs, atMs }).map(asRow);
        return claimed.sort((a, b) => integer(a, 'seq') - integer(b, 'seq')).map(attemptFrom);
      }),
  };
}

/** Bit n stands for the state with code n: one statement serves every set of states. */
const maskOf = (states: readonly AttemptState[]): number =>
  states.reduce((mask, state) => mask | (1 << STATE_CODES[state]), 0);

const kindMask = (kinds: QueueClaim['kinds']): number =>
  kinds.reduce((mask, kind) => mask | (1 << KIND_CODES[kind]), 0);

/** Unsettled states are read from their own small index alone; a settled one means all of the user's rows. */
function inStateStatements(connection: SqliteConnection): (states: readonly AttemptState[]) => SqliteStatement {
  const condition = 'user_id = @userId AND broker = @broker AND account = @account AND (1 << state) & @mask <> 0';
  const unsettled = connection.prepare(`${select(condition)} AND ${IS_UNSETTLED} ORDER BY seq`);
  const any = connection.prepare(`${selectBoth(condition)} ORDER BY seq`);
  return (states) => (states.every((state) => STATE_CODES[state] < FIRST_SETTLED) ? unsettled : any);
}

type List = (userId: string, tradingDay: string | undefined, limit: number) => readonly unknown[];

/** Walks back from the user's newest rows, which are the wanted ones, and for one day no further than its first row. */
function listStatements(connection: SqliteConnection): List {
  const condition = `user_id = @userId AND kind = ${KIND_CODES.place}`;
  const ofDay =
    'trading_day = @tradingDay AND seq >= (SELECT first_seq FROM trading_days WHERE trading_day = @tradingDay)';
  const newestFirst = 'ORDER BY seq DESC LIMIT @limit';
  const list = connection.prepare(`${selectBoth(condition)} ${newestFirst}`);
  const listOfDay = connection.prepare(`${selectBoth(`${condition} AND ${ofDay}`)} ${newestFirst}`);
  return (userId, tradingDay, limit) =>
    tradingDay === undefined ? list.all({ userId, limit }) : listOfDay.all({ userId, tradingDay, limit });
}

const IS_UNSETTLED = `state < ${FIRST_SETTLED}`;
const IS_SETTLED = `state >= ${FIRST_SETTLED}`;

const select = (condition: string): string => `SELECT seq, ${ATTEMPT_COLUMNS} FROM attempts WHERE ${condition}`;

/** Either half has an index of its own, and SQLite merges them as far as they are read. */
const selectBoth = (condition: string): string =>
  `${select(`${condition} AND ${IS_UNSETTLED}`)} UNION ALL ${select(`${condition} AND ${IS_SETTLED}`)}`;
