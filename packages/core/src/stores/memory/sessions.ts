import type { SessionStore } from '../../contract/session-store.js';
import { byAccount } from './by-name.js';
import { copyWithBytes, withoutBytes } from './frozen-copy.js';
import { isLastGiven, leaseIds } from './leases.js';
import { accountKey } from './memory-data.js';
import { accountIds } from './memory-link.js';
import type { MemoryLink } from './memory-link.js';

export function memorySessions(link: MemoryLink): SessionStore {
  return {
    get: (key) =>
      link.call(accountIds(key), () => {
        const row = link.rowsOf(key.userId).sessions.get(accountKey(key));
        return row === undefined ? null : copyWithBytes(row);
      }),

    put: (record, over, fence) =>
      link.call({ ...accountIds(record), ...(fence === undefined ? {} : leaseIds(fence)) }, () => {
        const { sessions } = link.rowsOf(record.userId);
        const known = sessions.get(accountKey(record))?.version ?? null;
        if (known !== over) return false;
        if (fence !== undefined && !isLastGiven(link, fence)) return false;
        sessions.set(accountKey(record), copyWithBytes(record));
        link.tell({ kind: 'session', key: accountIds(record) });
        return true;
      }),

    list: (userId) =>
      link.call({ userId }, () =>
        [...link.rowsOf(userId).sessions.values()].sort(byAccount).map((row) => withoutBytes(row)),
      ),

    delete: (key, version) =>
      link.call(accountIds(key), () => {
        const { sessions } = link.rowsOf(key.userId);
        const known = sessions.get(accountKey(key))?.version;
        if (known === undefined || known !== (version ?? known)) return false;
        sessions.delete(accountKey(key));
        link.tell({ kind: 'session', key: accountIds(key) });
        return true;
      }),
  };
}
