import type { BrokerRemoval, RemoveBrokerOptions } from '../../contract/store.js';
import type { FacetStores } from './facet-stores.js';
import { withAudit } from './with-audit.js';

/** The credentials' store goes first: it alone knows whether another user needs the broker's instruments. */
export async function mixedBrokerRemoval(
  stores: FacetStores,
  userId: string,
  broker: string,
  { dryRun, audit }: RemoveBrokerOptions,
): Promise<BrokerRemoval> {
  const { credentials, sessions, instruments } = stores;
  const removal = await withAudit(
    stores,
    'credentials',
    audit,
    (entry) => credentials.removeBroker(userId, broker, { dryRun, ...(entry === undefined ? {} : { audit: entry }) }),
    () => !dryRun,
  );
  return {
    ...removal,
    sessions: sessions === credentials ? removal.sessions : await removeSessions(stores, userId, broker, dryRun),
    instruments:
      instruments === credentials
        ? removal.instruments
        : await removeInstruments(stores, userId, broker, { dryRun, ...removal }),
  };
}

async function removeSessions(
  { sessions: { sessions } }: FacetStores,
  userId: string,
  broker: string,
  dryRun: boolean,
): Promise<number> {
  const theirs = (await sessions.list(userId)).filter((session) => session.broker === broker);
  if (!dryRun) for (const session of theirs) await sessions.delete(session);
  return theirs.length;
}

async function removeInstruments(
  { instruments: { instruments } }: FacetStores,
  userId: string,
  broker: string,
  { dryRun, instrumentsShared }: { readonly dryRun: boolean; readonly instrumentsShared: boolean },
): Promise<number> {
  if (instrumentsShared) return 0;
  if (dryRun) return (await instruments.master(userId, broker))?.rows ?? 0;
  return instruments.deleteBroker(userId, broker);
}
