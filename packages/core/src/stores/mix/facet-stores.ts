import type { Store } from '../../contract/store.js';

/** Facets that a mix may take from another store. `transfers` and `sealed` follow the rows they are about. */
export type StoreFacet =
  | 'credentials'
  | 'sessions'
  | 'configuration'
  | 'journal'
  | 'portfolio'
  | 'instruments'
  | 'audit'
  | 'leases'
  | 'budgets';

/** Which opened store serves which facet. */
export type FacetStores = Readonly<Record<StoreFacet, Store>>;
