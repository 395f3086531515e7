import type { CredentialStore } from '../../contract/credential-store.js';
import { appendEntry, auditIds } from './audit.js';
import { byAccount } from './by-name.js';
import { copyWithBytes, withoutBytes } from './frozen-copy.js';
import { accountKey } from './memory-data.js';
import { accountIds } from './memory-link.js';
import type { MemoryLink } from './memory-link.js';

export function memoryCredentials(link: MemoryLink): CredentialStore {
  return {
    get: (key) =>
      link.call(accountIds(key), () => {
        const row = link.rowsOf(key.userId).credentials.get(accountKey(key));
        return row === undefined ? null : copyWithBytes(row);
      }),

    put: (record, over, audit) =>
      link.call({ ...accountIds(record), ...auditIds(audit) }, () => {
        const { credentials } = link.rowsOf(record.userId);
        const known = credentials.get(accountKey(record))?.version ?? null;
        if (known !== over) return false;
        credentials.set(accountKey(record), copyWithBytes(record));
        appendEntry(link, audit);
        link.tell({ kind: 'credentials', key: accountIds(record) });
        return true;
      }),

    list: (userId) =>
      link.call({ userId }, () =>
        [...link.rowsOf(userId).credentials.values()].sort(byAccount).map((row) => withoutBytes(row)),
      ),

    delete: (key, audit) =>
      link.call({ ...accountIds(key), ...auditIds(audit) }, () => {
        if (!link.rowsOf(key.userId).credentials.delete(accountKey(key))) return false;
        appendEntry(link, audit);
        link.tell({ kind: 'credentials', key: accountIds(key) });
        return true;
      }),
  };
}
