import type { AttemptRow, OrderJournal, RecordFilter } from '@algo/core/store';
import { ATTEMPT_COLUMNS, IS_UNSETTLED, attemptFrom, isUnsettled } from './attempt-row.js';
import { columnsOf, namesOf, unnest } from './columns.js';
import type { Database, Values } from './database.js';
import { FILL_COLUMNS, FILL_TYPES, fillFrom, fillValues } from './fill-row.js';
import type { JournalMemory } from './journal-memory.js';
import type { JournalWriter } from './journal-writer.js';
import { accountValues, idText, storedText, userKey } from './keys.js';
import { integer, text } from './row.js';
import type { Row } from './row.js';
import { SIGHTING_COLUMNS, sightingFrom } from './sighting-row.js';
import { statement } from './statement.js';
import type { Statement } from './statement.js';

/**
 * The order journal. Writes go through the writer, in their order; reads wait for the writes asked for before them and
 * then go their own way. Every statement names the user; a tag or an order id alone finds nothing.
 */
export function createOrderJournal(db: Database, writer: JournalWriter, memory: JournalMemory): OrderJournal {
  const statements = journalStatements(db.schema);

  const read = async (userId: string, query: Statement, values: Values): Promise<readonly Row[]> => {
    await writer.settled();
    return db.read('reading the order journal', userId, query, values);
  };
  const attempts = (rows: readonly Row[]): readonly AttemptRow[] => {
    for (const row of rows) memory.saw(text(row, 'tag'), integer(row, 'position'));
    return rows.map(attemptFrom);
  };

  return {
    add: (row) => writer.add(row),
    move: (move) => writer.move(move),
    saveSighting: (sighting) => writer.saveSighting(sighting),

    async attemptsOf(userId, clientOrderId) {
      const values = [userKey(userId), idText('clientOrderId', clientOrderId)];
      return attempts(await read(userId, statements.attemptsOf, values));
    },

    async byTag(userId, tag) {
      const [row] = attempts(await read(userId, statements.byTag, [userKey(userId), idText('tag', tag)]));
      return row ?? null;
    },

    async inState(key, states) {
      const query = states.every(isUnsettled) ? statements.inUnsettledState : statements.inState;
      return attempts(await read(key.userId, query, [...accountValues(key), states]));
    },

    async list(userId, { tradingDay, limit }) {
      const rows =
        tradingDay === undefined
          ? await read(userId, statements.list, [userKey(userId), limit])
          : await read(userId, statements.listOfDay, [userKey(userId), limit, storedText(tradingDay)]);
      return attempts(rows);
    },

    async claimQueued(key, { kinds, limit, owner, sendByMs, atMs }) {
      const values = [...accountValues(key), kinds, limit, storedText(owner), sendByMs, atMs];
      const rows = await writer.run('claiming queued orders', key.userId, statements.claimQueued, values);
      for (const row of rows) memory.wrote(text(row, 'tag'), integer(row, 'position'));
      return rows.map(attemptFrom);
    },

    async sighting(userId, clientOrderId) {
      const values = [userKey(userId), idText('clientOrderId', clientOrderId)];
      const [row] = await read(userId, statements.sighting, values);
      return row === undefined ? null : sightingFrom(row);
    },

    async orders(userId, filter) {
      const { importId } = filter;
      const values = filterValues(userId, filter);
      const rows =
        importId === undefined
          ? await read(userId, statements.orders, values)
          : await read(userId, statements.ordersOfImport, [...values, storedText(importId)]);
      return rows.map(sightingFrom);
    },

    async addFills(fills) {
      const rows = fills.map((fill) => ({ userId: fill.userId, values: fillValues(fill) }));
      let added = 0;
      // All or none in one statement; under row-level security the server is told of one user at a time.
      for (const some of db.rowLevelSecurity ? byUser(rows) : [rows]) {
        const columns = columnsOf(
          FILL_TYPES,
          some.map(({ values }) => values),
        );
        const [row] = await writer.run('writing fills', some[0]?.userId ?? '', statements.addFills, columns);
        added += row === undefined ? 0 : integer(row, 'added');
      }
      return added;
    },

    async fills(userId, filter) {
      const { clientOrderId, importId } = filter;
      const values = filterValues(userId, filter);
      const ofImport = importId === undefined ? null : storedText(importId);
      if (clientOrderId !== undefined) {
        const ofOrder = [...values, ofImport, idText('clientOrderId', clientOrderId)];
        return (await read(userId, statements.fillsOfOrder, ofOrder)).map(fillFrom);
      }
      const rows =
        ofImport === null
          ? await read(userId, statements.fills, values)
          : await read(userId, statements.fillsOfImport, [...values, ofImport]);
      return rows.map(fillFrom);
    },

    async deleteOrder(userId, clientOrderId) {
      const values = [userKey(userId), idText('clientOrderId', clientOrderId)];
      const [row] = await writer.run('deleting an order', userId, statements.deleteOrder, values);
      return row !== undefined && integer(row, 'gone') > 0;
    },
  };
}

const journalStatements = (schema: string) => {
  const attempts = `SELECT ${ATTEMPT_COLUMNS} FROM ${schema}.attempts WHERE user_key = $1`;
  const ofAccount = 'broker = $2 AND account = $3 AND state = ANY ($4)';
  const isPlace = "kind = 'place'";
  return {
    attemptsOf: statement('attempts of order', `${attempts} AND client_order_id = $2 ORDER BY seq`),
    byTag: statement('attempts by tag', `${attempts} AND tag = $2`),
    inState: statement('attempts in state', `${attempts} AND ${ofAccount} ORDER BY seq`),
    // In the words of the partial index, which holds only what may still need work.
    inUnsettledState: statement('attempts unsettled', `${attempts} AND ${ofAccount} AND ${IS_UNSETTLED} ORDER BY seq`),
    list: statement('attempts list', `${attempts} AND ${isPlace} ORDER BY seq DESC LIMIT $2`),
    listOfDay: statement(
      'attempts of day',
      `${attempts} AND ${isPlace} AND trading_day = $3 ORDER BY seq DESC LIMIT $2`,
    ),
    claimQueued: statement(
      'attempts claim',
      `WITH waiting AS (
         SELECT tag FROM ${schema}.attempts
         WHERE user_key = $1 AND broker = $2 AND account = $3 AND state = 'INTENT' AND kind = ANY ($4)
         ORDER BY seq LIMIT $5 FOR UPDATE SKIP LOCKED
       ), claimed AS (
         UPDATE ${schema}.attempts AS a
         SET state = 'SUBMITTING', owner = $6, send_by_ms = $7, updated_at_ms = $8,
           position = nextval('${schema}.journal_position')
         FROM waiting WHERE a.tag = waiting.tag RETURNING a.*
       ) SELECT ${ATTEMPT_COLUMNS} FROM claimed ORDER BY seq`,
    ),
    addFills: statement(
      'fills add',
      `WITH added AS (
         INSERT INTO ${schema}.fills (${namesOf(FILL_TYPES)}) SELECT * FROM ${unnest(FILL_TYPES, 1)}
         ON CONFLICT DO NOTHING RETURNING 1
       ) SELECT count(*) AS added FROM added`,
    ),
    deleteOrder: statement(
      'orders delete',
      `WITH sighting AS (DELETE FROM ${schema}.sightings WHERE user_key = $1 AND client_order_id = $2 RETURNING 1),
         fills AS (DELETE FROM ${schema}.fills WHERE user_key = $1 AND client_order_id = $2 RETURNING 1)
       SELECT (SELECT count(*) FROM sighting) + (SELECT count(*) FROM fills) AS gone`,
    ),
    ...recordStatements(schema),
  };
};

/** Reads of what was seen of orders. A filter that is left out is null. */
const recordStatements = (schema: string) => {
  const filters = 'user_key = $1 AND ($3::text IS NULL OR broker = $3) AND ($4::text IS NULL OR account = $4)';
  const newest = 'ORDER BY seq DESC LIMIT $2';
  const sightings = `SELECT ${SIGHTING_COLUMNS} FROM ${schema}.sightings`;
  const fills = `SELECT ${FILL_COLUMNS} FROM ${schema}.fills WHERE ${filters}`;
  return {
    sighting: statement('sighting', `${sightings} WHERE user_key = $1 AND client_order_id = $2`),
    orders: statement('orders', `${sightings} WHERE ${filters} ${newest}`),
    ordersOfImport: statement('orders of import', `${sightings} WHERE ${filters} AND import_id = $5 ${newest}`),
    fills: statement('fills', `${fills} ${newest}`),
    fillsOfImport: statement('fills of import', `${fills} AND import_id = $5 ${newest}`),
    fillsOfOrder: statement(
      'fills of order',
      `${fills} AND ($5::text IS NULL OR import_id = $5) AND client_order_id = $6 ${newest}`,
    ),
  };
};

const filterValues = (userId: string, { limit, broker, account }: RecordFilter): Values => [
  userKey(userId),
  limit,
  broker === undefined ? null : storedText(broker),
  account === undefined ? null : storedText(account),
];

/** Rows of each user, in the order they came in. */
function byUser<Item extends { readonly userId: string }>(rows: readonly Item[]): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const row of rows) groups.set(row.userId, [...(groups.get(row.userId) ?? []), row]);
  return [...groups.values()];
}
