import type { FillRecord, OrderJournal, RecordFilter } from '../../contract/order-journal.js';
import { addMissing, removeWhere } from './bulk-rows.js';
import { frozenCopy } from './frozen-copy.js';
import { fillKey } from './memory-data.js';
import { accountIds, checkId } from './memory-link.js';
import type { MemoryLink } from './memory-link.js';

type OrderRecords = Pick<OrderJournal, 'saveSighting' | 'sighting' | 'orders' | 'addFills' | 'fills' | 'deleteOrder'>;

/** What was seen of orders: the half of the journal that can be read again at the broker. */
export function memoryOrderRecords(link: MemoryLink): OrderRecords {
  return {
    saveSighting: (sighting) =>
      link.call({ ...accountIds(sighting), clientOrderId: sighting.clientOrderId }, () => {
        link.rowsOf(sighting.userId).sightings.set(sighting.clientOrderId, frozenCopy(sighting));
      }),

    sighting: (userId, clientOrderId) =>
      link.call({ userId, clientOrderId }, () => link.rowsOf(userId).sightings.get(clientOrderId) ?? null),

    orders: (userId, filter) =>
      link.call({ userId }, () =>
        [...link.rowsOf(userId).sightings.values()]
          .filter((row) => isWanted(row, filter))
          .reverse()
          .slice(0, filter.limit),
      ),

    addFills: (fills) =>
      link.call({}, () => {
        fills.forEach(checkFill);
        return fills.reduce((count, fill) => count + addMissing(link.rowsOf(fill.userId).fills, [fill], fillKey), 0);
      }),

    fills: (userId, filter) =>
      link.call({ userId }, () =>
        [...link.rowsOf(userId).fills.values()]
          .filter((row) => isWanted(row, filter))
          .filter((row) => filter.clientOrderId === undefined || row.clientOrderId === filter.clientOrderId)
          .reverse()
          .slice(0, filter.limit),
      ),

    deleteOrder: (userId, clientOrderId) =>
      link.call({ userId, clientOrderId }, () => {
        const { sightings, fills } = link.rowsOf(userId);
        const wasSeen = sightings.delete(clientOrderId);
        const filled = removeWhere(fills, (fill) => fill.clientOrderId === clientOrderId);
        return wasSeen || filled > 0;
      }),
  };
}

/** @throws {AlgoError} `ALGO_INVALID_INPUT` */
export function checkFill({ userId, broker, account, clientOrderId, trade }: FillRecord): void {
  const ids = { userId, broker, account, clientOrderId: clientOrderId ?? '', tradeId: trade.tradeId };
  for (const [field, id] of Object.entries(ids)) checkId(field, id);
}

const isWanted = (
  row: { readonly broker: string; readonly account: string; readonly importId: string | null },
  { broker, account, importId }: RecordFilter,
): boolean =>
  (broker === undefined || row.broker === broker) &&
  (account === undefined || row.account === account) &&
  (importId === undefined || row.importId === importId);
