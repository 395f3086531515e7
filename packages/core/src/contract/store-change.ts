import type { AccountKey } from './store.js';

/** What a store tells about data that changed, here or in another process. A hint to read again, never the data. */
export type StoreChange =
  | { readonly kind: 'credentials' | 'session'; readonly key: AccountKey }
  | { readonly kind: 'configuration'; readonly userId: string; readonly name: string }
  /** A lease was released. One that runs out tells nobody. */
  | { readonly kind: 'lease'; readonly userId: string; readonly name: string }
  /** The link was lost for a while: anything may have changed. */
  | { readonly kind: 'everything' }
  /** Rows of the journal that were committed are gone: the server came back with older data. */
  | { readonly kind: 'journal-went-back' };
