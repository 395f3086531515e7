import type { SealedRecord, SealedRecords } from '../../contract/sealed-records.js';
import type { AccountKey } from '../../contract/store.js';
import { copyWithBytes } from './frozen-copy.js';
import { accountKey } from './memory-data.js';
import { accountIds } from './memory-link.js';
import type { MemoryLink } from './memory-link.js';

export function memorySealedRecords(link: MemoryLink): SealedRecords {
  return {
    page: (after, limit) =>
      link.call({}, () => {
        const waiting = everySealed(link).filter(({ place }) => after === null || place > after);
        const page = waiting.slice(0, limit);
        const next = waiting.length > page.length ? (page.at(-1)?.place ?? null) : null;
        return { records: page.map(({ record }) => copyWithBytes(record)), next };
      }),

    replace: (record, sealed) =>
      link.call(accountIds(record), () =>
        record.field === 'credential'
          ? replaceIn(link.rowsOf(record.userId).credentials, record, sealed)
          : replaceIn(link.rowsOf(record.userId).sessions, record, sealed),
      ),
  };
}

interface Placed {
  readonly place: string;
  readonly record: SealedRecord;
}

/** In an order that depends on names alone. */
function everySealed(link: MemoryLink): readonly Placed[] {
  const placed: Placed[] = [];
  for (const rows of link.data.users.values()) {
    for (const row of rows.credentials.values()) placed.push(placedAs('credential', row));
    for (const row of rows.sessions.values()) placed.push(placedAs('session', row));
  }
  return placed.sort((a, b) => (a.place < b.place ? -1 : 1));
}

function placedAs(
  field: SealedRecord['field'],
  { userId, broker, account, version, sealed }: Omit<SealedRecord, 'field'>,
): Placed {
  const record = { userId, broker, account, field, version, sealed };
  return { place: JSON.stringify([userId, broker, account, field]), record };
}

function replaceIn<Row extends AccountKey & { readonly version: number; readonly sealed: Uint8Array }>(
  rows: Map<string, Row>,
  record: SealedRecord,
  sealed: Uint8Array,
): boolean {
  const row = rows.get(accountKey(record));
  if (row?.version !== record.version || Buffer.compare(row.sealed, record.sealed) !== 0) return false;
  rows.set(accountKey(record), { ...row, sealed: new Uint8Array(sealed) });
  return true;
}
