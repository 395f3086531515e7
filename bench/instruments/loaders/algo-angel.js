import { loadInstrumentBook, streamedMaster } from '@algo/core/adapter';
import { ANGEL_LAYOUT } from './angel-layout.js';
import { keptBook, piecesOf } from './pieces.js';

export async function load(file) {
  const files = [{ chunks: piecesOf(file), layout: ANGEL_LAYOUT }];
  return keptBook(await loadInstrumentBook('angel', streamedMaster({ broker: 'angel', source: 'bench', files })));
}
