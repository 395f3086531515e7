import type { OrderJournal } from '@algo/core/store';
import { writeLine } from './journal-line.js';
import type { JournalLine } from './journal-line.js';

/** Takes lines and answers nothing. */
export interface LineSink {
  append(line: string): void;
}

/**
 * A journal that tells a second place what it wrote. The store comes first: a line is added once the store has the row,
 * nobody waits for it, and what the store refuses or fails at is not told.
 */
export function dualJournal(journal: OrderJournal, sink: LineSink): OrderJournal {
  const tell = (line: JournalLine): void => sink.append(writeLine(line));
  return {
    async add(row) {
      const result = await journal.add(row);
      if (result.kind === 'added') tell({ call: 'add', row });
      return result;
    },
    async move(move) {
      const moved = await journal.move(move);
      if (moved) tell({ call: 'move', move });
      return moved;
    },
    async claimQueued(key, claim) {
      const rows = await journal.claimQueued(key, claim);
      for (const row of rows) tell({ call: 'claim', row });
      return rows;
    },
    async saveSighting(sighting) {
      await journal.saveSighting(sighting);
      tell({ call: 'sighting', sighting });
    },
    async addFills(fills) {
      const added = await journal.addFills(fills);
      for (const fill of fills) tell({ call: 'fill', fill }); // one told twice is read as one
      return added;
    },
    async deleteOrder(userId, clientOrderId) {
      const deleted = await journal.deleteOrder(userId, clientOrderId);
      if (deleted) tell({ call: 'delete', userId, clientOrderId });
      return deleted;
    },
    attemptsOf: (userId, clientOrderId) => journal.attemptsOf(userId, clientOrderId),
    byTag: (userId, tag) => journal.byTag(userId, tag),
    inState: (key, states) => journal.inState(key, states),
    list: (userId, filter) => journal.list(userId, filter),
    sighting: (userId, clientOrderId) => journal.sighting(userId, clientOrderId),
    orders: (userId, filter) => journal.orders(userId, filter),
    fills: (userId, filter) => journal.fills(userId, filter),
  };
}
