import type { SealedRecord, SealedRecords } from '../../contract/sealed-records.js';
import type { FacetStores } from './facet-stores.js';

/** First the credentials, then the sessions, each from the store that serves them. */
export function mixedSealedRecords({ credentials, sessions }: FacetStores): SealedRecords {
  if (credentials === sessions) return credentials.sealed;
  const of = { credential: credentials.sealed, session: sessions.sealed };
  return {
    async page(after, limit) {
      const { field, within } = placeOf(after);
      const { records, next } = await of[field].page(within, limit);
      const last = field === 'session' ? null : SESSIONS;
      return {
        records: records.filter((record) => record.field === field),
        next: next === null ? last : `${field}${WITHIN}${next}`,
      };
    },
    replace: (record, sealed) => of[record.field].replace(record, sealed),
  };
}

interface Place {
  readonly field: SealedRecord['field'];
  /** The place as that store gave it; null before its first row. */
  readonly within: string | null;
}

const WITHIN = '>';
const SESSIONS = 'session';

function placeOf(after: string | null): Place {
  if (after === null) return { field: 'credential', within: null };
  const field = after.startsWith(SESSIONS) ? 'session' : 'credential';
  return { field, within: after === SESSIONS ? null : after.slice(field.length + WITHIN.length) };
}
