import { AlgoError } from '../../errors/algo-error.js';
import type { AttemptRow, OrderJournal } from '../../contract/order-journal.js';
import { accountKey } from './memory-data.js';
import type { UserRows } from './memory-data.js';
import { accountIds } from './memory-link.js';
import type { MemoryLink } from './memory-link.js';
import { memoryOrderRecords } from './order-records.js';

export function memoryJournal(link: MemoryLink): OrderJournal {
  return {
    ...memoryOrderRecords(link),

    add: (row) =>
      link.call({ ...accountIds(row), tag: row.tag, clientOrderId: row.clientOrderId }, () => {
        const rows = link.rowsOf(row.userId);
        const twin = attemptsOf(rows, row.clientOrderId).find(
          ({ kind, number }) => kind === row.kind && number === row.number,
        );
        if (twin) return { kind: 'exists', row: twin };
        // It may be another user's, of whom nothing is said.
        if (link.data.tags.has(row.tag)) {
          throw new AlgoError('ALGO_STORE_CONFLICT', { what: 'The tag of a new attempt' });
        }
        link.data.tags.add(row.tag);
        rows.attempts.set(row.tag, Object.freeze({ ...row }));
        rows.tagsOfOrder.set(row.clientOrderId, [...(rows.tagsOfOrder.get(row.clientOrderId) ?? []), row.tag]);
        return { kind: 'added' };
      }),

    move: ({ tag, userId, from, to, atMs, ...changes }) =>
      link.call({ userId, tag }, () => {
        const { attempts } = link.rowsOf(userId);
        const row = attempts.get(tag);
        if (row?.state !== from) return false;
        attempts.set(tag, Object.freeze({ ...row, ...changes, state: to, updatedAtMs: atMs }));
        return true;
      }),

    attemptsOf: (userId, clientOrderId) =>
      link.call({ userId, clientOrderId }, () => attemptsOf(link.rowsOf(userId), clientOrderId)),

    byTag: (userId, tag) => link.call({ userId, tag }, () => link.rowsOf(userId).attempts.get(tag) ?? null),

    inState: (key, states) =>
      link.call(accountIds(key), () =>
        [...link.rowsOf(key.userId).attempts.values()].filter(
          (row) => accountKey(row) === accountKey(key) && states.includes(row.state),
        ),
      ),

    list: (userId, { tradingDay, limit }) =>
      link.call({ userId }, () =>
        [...link.rowsOf(userId).attempts.values()]
          .filter((row) => row.kind === 'place' && (tradingDay === undefined || row.tradingDay === tradingDay))
          .reverse()
          .slice(0, limit),
      ),

    claimQueued: (key, { kinds, limit, owner, sendByMs, atMs }) =>
      link.call({ ...accountIds(key), owner }, () => {
        const { attempts } = link.rowsOf(key.userId);
        const claimed = [...attempts.values()]
          .filter((row) => row.state === 'INTENT' && kinds.includes(row.kind) && accountKey(row) === accountKey(key))
          .slice(0, limit)
          .map((row): AttemptRow => ({ ...row, state: 'SUBMITTING', owner, sendByMs, updatedAtMs: atMs }));
        for (const row of claimed) attempts.set(row.tag, Object.freeze(row));
        return claimed;
      }),
  };
}

const attemptsOf = ({ attempts, tagsOfOrder }: UserRows, clientOrderId: string): readonly AttemptRow[] =>
  (tagsOfOrder.get(clientOrderId) ?? []).flatMap((tag) => attempts.get(tag) ?? []);
