import type { Store } from '@algo/core/store';

/** A store like another one but for some of its parts. Not a copy of its fields: it may be an object of any make. */
export const storeWith = (store: Store, parts: Partial<Store>): Store => ({
  credentials: store.credentials,
  sessions: store.sessions,
  configuration: store.configuration,
  journal: store.journal,
  portfolio: store.portfolio,
  instruments: store.instruments,
  audit: store.audit,
  leases: store.leases,
  budgets: store.budgets,
  transfers: store.transfers,
  sealed: store.sealed,
  shared: store.shared,
  owner: store.owner,
  isOwnerAlive: (owner) => store.isOwnerAlive(owner),
  removeBroker: (userId, broker, options) => store.removeBroker(userId, broker, options),
  onChange: (listener) => store.onChange(listener),
  close: () => store.close(),
  ...parts,
});
