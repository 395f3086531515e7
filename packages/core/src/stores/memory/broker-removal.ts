import type { BrokerRemoval, RemoveBrokerOptions } from '../../contract/store.js';
import { appendEntry, auditIds } from './audit.js';
import { removeWhere } from './bulk-rows.js';
import type { MemoryLink } from './memory-link.js';

/** `Store.removeBroker` */
export const removeBroker = (
  link: MemoryLink,
  userId: string,
  broker: string,
  { dryRun, audit }: RemoveBrokerOptions,
): Promise<BrokerRemoval> =>
  link.call({ userId, broker, ...auditIds(audit) }, () => {
    const removal = countRemoval(link, userId, broker);
    if (dryRun) return removal;
    const { credentials, sessions } = link.rowsOf(userId);
    for (const [kind, rows] of [['credentials', credentials] as const, ['session', sessions] as const]) {
      for (const { account } of [...rows.values()].filter((row) => row.broker === broker)) {
        link.tell({ kind, key: { userId, broker, account } });
      }
    }
    removeWhere(credentials, (row) => row.broker === broker);
    removeWhere(sessions, (row) => row.broker === broker);
    if (!removal.instrumentsShared) link.data.masters.delete(broker);
    appendEntry(link, audit);
    return removal;
  });

function countRemoval(link: MemoryLink, userId: string, broker: string): BrokerRemoval {
  const isThere = (row: { readonly broker: string }): boolean => row.broker === broker;
  const { credentials, sessions } = link.rowsOf(userId);
  const instrumentsShared = [...link.data.users].some(
    ([other, rows]) => other !== userId && [...rows.credentials.values()].some(isThere),
  );
  return {
    credentials: [...credentials.values()].filter(isThere).length,
    sessions: [...sessions.values()].filter(isThere).length,
    instruments: instrumentsShared ? 0 : (link.data.masters.get(broker)?.rows.length ?? 0),
    instrumentsShared,
  };
}
