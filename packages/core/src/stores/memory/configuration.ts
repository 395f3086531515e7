import type { ConfigurationStore } from '../../contract/configuration-store.js';
import { appendEntry, auditIds } from './audit.js';
import { compareNames } from './by-name.js';
import type { MemoryLink } from './memory-link.js';

export function memoryConfiguration(link: MemoryLink): ConfigurationStore {
  return {
    get: (userId, name) => link.call({ userId, name }, () => link.rowsOf(userId).configuration.get(name) ?? null),

    put: (record, over, audit) =>
      link.call({ userId: record.userId, name: record.name, ...auditIds(audit) }, () => {
        const { userId, name } = record;
        const { configuration } = link.rowsOf(userId);
        const known = configuration.get(name)?.version ?? null;
        if (known !== over) return false;
        configuration.set(name, Object.freeze({ ...record }));
        appendEntry(link, audit);
        link.tell({ kind: 'configuration', userId, name });
        return true;
      }),

    list: (userId) =>
      link.call({ userId }, () =>
        [...link.rowsOf(userId).configuration.values()].sort((a, b) => compareNames(a.name, b.name)),
      ),

    delete: (userId, name, audit) =>
      link.call({ userId, name, ...auditIds(audit) }, () => {
        if (!link.rowsOf(userId).configuration.delete(name)) return false;
        appendEntry(link, audit);
        link.tell({ kind: 'configuration', userId, name });
        return true;
      }),
  };
}
