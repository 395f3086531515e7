import { dhan } from '@algo/broker-dhan';
import { loadInstrumentBook } from '@algo/core/adapter';
import { keptBook, piecesOf } from './pieces.js';

/** The real road from the first piece on: Dhan's adapter over a client that hands the file over in pieces, core's book. */
export async function load(file) {
  const http = {
    stream: async () => ({ status: 200, header: () => null, chunks: piecesOf(file), cancel: () => undefined }),
  };
  const clock = { now: () => Date.now() };
  const adapter = dhan().connect({ http, instruments: { byToken: () => null }, clock, logger: null });
  return keptBook(await loadInstrumentBook('dhan', await adapter.instruments({})));
}
