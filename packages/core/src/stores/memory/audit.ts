import type { AuditEntry, AuditStore } from '../../contract/audit-store.js';
import type { Ids, MemoryLink } from './memory-link.js';

export function memoryAudit(link: MemoryLink): AuditStore {
  return {
    append: (entry) => link.call(auditIds(entry), () => appendEntry(link, entry)),
    list: (userId, { limit, beforeSeq = Infinity, subject }) =>
      link.call({ userId }, () =>
        link
          .rowsOf(userId)
          .audit.filter((row) => row.seq < beforeSeq && (subject === undefined || row.subject === subject))
          .reverse()
          .slice(0, limit),
      ),
  };
}

/** Part of another call: nothing happens without an entry. */
export function appendEntry(link: MemoryLink, entry: AuditEntry | undefined): void {
  if (entry === undefined) return;
  link.data.lastAuditSeq += 1;
  link.rowsOf(entry.userId).audit.push(Object.freeze({ ...entry, seq: link.data.lastAuditSeq }));
}

/** To be checked before anything of the call is written. */
export const auditIds = (entry: AuditEntry | undefined): Ids =>
  entry === undefined ? {} : { 'audit.userId': entry.userId };
