import type { PortfolioKind, PortfolioSnapshot, PortfolioStore } from '../../contract/portfolio-store.js';
import type { AccountKey } from '../../contract/store.js';
import { removeWhere } from './bulk-rows.js';
import { frozenCopy } from './frozen-copy.js';
import { accountKey, snapshotKey } from './memory-data.js';
import { accountIds } from './memory-link.js';
import type { MemoryLink } from './memory-link.js';

export function memoryPortfolio(link: MemoryLink): PortfolioStore {
  const newestFirst = (key: AccountKey, kind: PortfolioKind): readonly PortfolioSnapshot[] =>
    [...link.rowsOf(key.userId).snapshots.values()]
      .filter((row) => isOf(row, key, kind))
      .sort((a, b) => b.takenAtMs - a.takenAtMs);

  return {
    save: (snapshot) =>
      link.call(accountIds(snapshot), () => {
        link.rowsOf(snapshot.userId).snapshots.set(snapshotKey(snapshot), frozenCopy(snapshot));
      }),

    latest: (key, kind) => link.call(accountIds(key), () => newestFirst(key, kind)[0] ?? null),

    list: (key, kind, { limit, fromMs = -Infinity, toMs = Infinity }) =>
      link.call(accountIds(key), () =>
        newestFirst(key, kind)
          .filter(({ takenAtMs }) => takenAtMs >= fromMs && takenAtMs < toMs)
          .slice(0, limit),
      ),

    delete: (key, kind, beforeMs) =>
      link.call(accountIds(key), () =>
        removeWhere(link.rowsOf(key.userId).snapshots, (row) => isOf(row, key, kind) && row.takenAtMs < beforeMs),
      ),
  };
}

const isOf = (row: PortfolioSnapshot, key: AccountKey, kind: PortfolioKind): boolean =>
  row.kind === kind && accountKey(row) === accountKey(key);
