import type { FillRecord, OrderJournal, OrderSighting } from '@algo/core/store';
import { reading, together } from './at-once.js';
import type { SqliteConnection, SqliteStatement } from './driver.js';
import { FILL_COLUMNS, fillFrom } from './fill-row.js';
import type { GroupCommit, Write } from './group-commit.js';
import { checkIds } from './keys.js';
import { recordReader, recordValues, selectRecords } from './record-reader.js';
import { toJson } from './row.js';
import { SIGHTING_COLUMNS, sightingFrom } from './sighting-row.js';

type OrderRecords = Pick<OrderJournal, 'saveSighting' | 'sighting' | 'orders' | 'addFills' | 'fills' | 'deleteOrder'>;

/** What was seen of orders: the half of the journal that can be read again at the broker. */
export function createOrderRecords(connection: SqliteConnection, commits: GroupCommit): OrderRecords {
  const saveSighting = connection.prepare(
    `${INSERT_SIGHTING} ON CONFLICT (client_order_id, user_id) DO UPDATE SET
       broker = excluded.broker, account = excluded.account, broker_order = excluded.broker_order,
       seen_at_ms = excluded.seen_at_ms, import_id = excluded.import_id`,
  );
  const ofOrder = 'client_order_id = ? AND user_id = ?';
  const sighting = connection.prepare(`SELECT ${SIGHTING_COLUMNS} FROM sightings WHERE ${ofOrder}`);
  const orders = recordReader(connection, 'sightings', SIGHTING_COLUMNS);
  const addFill = connection.prepare(`${INSERT_FILL} ON CONFLICT DO NOTHING`);
  const fills = recordReader(connection, 'fills', FILL_COLUMNS);
  const fillsOfOrder = connection.prepare(
    selectRecords('fills', FILL_COLUMNS, 'client_order_id = @clientOrderId AND user_id = @userId'),
  );
  const removeSighting = connection.prepare(`DELETE FROM sightings WHERE ${ofOrder}`);
  const removeFills = connection.prepare(`DELETE FROM fills WHERE ${ofOrder}`);

  return {
    saveSighting: (seen) =>
      new Promise((resolve, reject) => commits.submit(new SightingWrite(saveSighting, seen, resolve, reject))),

    sighting: async (userId, clientOrderId) =>
      reading(commits, { userId, clientOrderId }, () => {
        const row = sighting.get(clientOrderId, userId);
        return row === undefined ? null : sightingFrom(row);
      }),

    orders: async (userId, filter) => reading(commits, { userId }, () => orders(userId, filter).map(sightingFrom)),

    addFills: async (added) =>
      together(commits, {}, () => {
        for (const fill of added) checkIds(fillIds(fill));
        return added.reduce((count, fill) => count + Number(addFill.run(...fillValues(fill)).changes), 0);
      }),

    fills: async (userId, { clientOrderId, ...filter }) =>
      reading(commits, { userId }, () => {
        const rows =
          clientOrderId === undefined
            ? fills(userId, filter)
            : fillsOfOrder.all({ userId, clientOrderId, ...recordValues(filter) });
        return rows.map(fillFrom);
      }),

    deleteOrder: async (userId, clientOrderId) =>
      together(commits, { userId, clientOrderId }, () => {
        const seen = removeSighting.run(clientOrderId, userId).changes;
        const filled = removeFills.run(clientOrderId, userId).changes;
        return Number(seen) + Number(filled) > 0;
      }),
  };
}

/** What to do with a row that is there is the caller's to add. */
export const INSERT_SIGHTING = `INSERT INTO sightings (${SIGHTING_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`;
export const INSERT_FILL = `INSERT INTO fills (${FILL_COLUMNS}, trade_id) VALUES (?, ?, ?, ?, ?, ?, ?)`;

/** The values of `INSERT_SIGHTING`. */
export const sightingValues = (seen: OrderSighting): readonly unknown[] => [
  seen.clientOrderId,
  seen.userId,
  seen.broker,
  seen.account,
  toJson(seen.order),
  seen.seenAtMs,
  seen.importId,
];

/** The values of `INSERT_FILL`. */
export const fillValues = (fill: FillRecord): readonly unknown[] => [
  fill.userId,
  fill.broker,
  fill.account,
  fill.clientOrderId,
  toJson(fill.trade),
  fill.importId,
  fill.trade.tradeId,
];

export const sightingIds = ({ userId, broker, account, clientOrderId }: OrderSighting) => ({
  userId,
  broker,
  account,
  clientOrderId,
});

export const fillIds = ({ userId, broker, account, clientOrderId, trade }: FillRecord) => ({
  userId,
  broker,
  account,
  clientOrderId: clientOrderId ?? '',
  tradeId: trade.tradeId,
});

/** A class and not a closure: one is made for every order that is seen. */
class SightingWrite implements Write {
  constructor(
    private readonly statement: SqliteStatement,
    private readonly sighting: OrderSighting,
    private readonly resolve: () => void,
    private readonly reject: (error: Error) => void,
  ) {}

  run(): void {
    checkIds(sightingIds(this.sighting));
    this.statement.run(...sightingValues(this.sighting));
  }

  succeeded(): void {
    this.resolve();
  }

  failed(error: Error): void {
    this.reject(error);
  }
}
