import type { InstrumentStore, StoredMaster, SymbolToken } from '../../contract/instrument-store.js';
import { tokenKey } from './memory-data.js';
import type { BrokerMaster } from './memory-data.js';
import type { MemoryLink } from './memory-link.js';

export function memoryInstruments(link: MemoryLink): InstrumentStore {
  const { masters } = link.data;
  return {
    replace: (userId, broker, { source, loadedAtMs, rows }) =>
      link.call({ userId, broker }, () => {
        const master = indexed(rows, { source, loadedAtMs, loadedBy: userId });
        masters.set(broker, master);
        return master.rows.length;
      }),

    byInstrument: (userId, broker, instrument) =>
      link.call({ userId, broker }, () => masters.get(broker)?.byInstrument.get(instrument) ?? null),

    byToken: (userId, broker, segment, token) =>
      link.call({ userId, broker }, () => masters.get(broker)?.byToken.get(tokenKey(segment, token)) ?? null),

    page: (userId, broker, after, limit) =>
      link.call({ userId, broker }, () => masters.get(broker)?.rows.slice(after, after + limit) ?? []),

    master: (userId, broker) => link.call({ userId, broker }, () => masters.get(broker)?.stored ?? null),

    deleteBroker: (userId, broker) =>
      link.call({ userId, broker }, () => {
        const rows = masters.get(broker)?.rows.length ?? 0;
        masters.delete(broker);
        return rows;
      }),
  };
}

/** Built aside: what was there stays when reading the rows throws. */
function indexed(rows: Iterable<SymbolToken>, from: Omit<StoredMaster, 'rows'>): BrokerMaster {
  const kept: SymbolToken[] = [];
  const byInstrument = new Map<string, SymbolToken>();
  const byToken = new Map<string, SymbolToken>();
  for (const row of rows) {
    const token = tokenKey(row.segment, row.token);
    if (byInstrument.has(row.instrument) || byToken.has(token)) continue;
    const own = Object.freeze({ ...row });
    kept.push(own);
    byInstrument.set(own.instrument, own);
    byToken.set(token, own);
  }
  return { stored: Object.freeze({ ...from, rows: kept.length }), rows: kept, byInstrument, byToken };
}
