import { AlgoError } from '../../errors/algo-error.js';
import type { TransferStore } from '../../contract/transfer-store.js';
import type { FacetStores } from './facet-stores.js';
import { withAudit } from './with-audit.js';

/** Imports where the orders lie; a user changes hands only whole. */
export function mixedTransfers(stores: FacetStores): TransferStore {
  const { transfers } = stores.journal;
  return {
    import: (batch) => transfers.import(batch),
    listImports: (userId) => transfers.listImports(userId),
    rollback: (userId, importId, audit) =>
      withAudit(
        stores,
        'journal',
        audit,
        (entry) => transfers.rollback(userId, importId, entry),
        (counts) => counts !== null,
      ),
    async reassign(from, to, credentials, audit) {
      if (!isWhole(stores)) throw new AlgoError('ALGO_STORE_FAILED', { what: 'reassigning a user', why: APART });
      return transfers.reassign(from, to, credentials, audit);
    },
  };
}

const APART = 'its rows lie in several stores, and half a user must not change hands; reassign in each store by itself';

const isWhole = ({ credentials, sessions, configuration, journal, audit }: FacetStores): boolean =>
  [credentials, sessions, configuration, audit].every((store) => store === journal);
