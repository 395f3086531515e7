import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { AnyMaster, MasterFile } from '../contract/instrument-master.js';
import { AlgoError } from '../errors/algo-error.js';
import { BadMaster } from './bad-master.js';
import { IndexBuilder } from './index-builder.js';
import type { FilledIndex } from './index-filler.js';
import { LISTED_LAYOUT, packed } from './listed-layout.js';
import { createRowCutter } from './row-cutter.js';

export interface LoadedMaster extends FilledIndex {
  /** Rows left out because they are malformed, or too long to be one. */
  readonly skipped: number;
  /** SHA-256 over the files as they came, hexadecimal. */
  readonly hash: string;
}

/** Bytes taken between two turns of the event loop: about half a millisecond of work, and a few while the code is cold. */
const SLICE = 32 * 1024;

/**
 * Reads a master into an index. Nothing outside is touched: one that breaks off or is refused leaves no trace.
 *
 * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED` when it is not a master, and whatever the pieces or the layout throw
 */
export async function loadMaster(broker: string, master: AnyMaster): Promise<LoadedMaster> {
  try {
    return await read(master);
  } catch (error) {
    if (!(error instanceof BadMaster)) throw error;
    throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker, why: error.message });
  }
}

async function read(master: AnyMaster): Promise<LoadedMaster> {
  const builder = new IndexBuilder();
  const hash = createHash('sha256');
  const files = 'files' in master ? master.files : undefined;
  if (files === undefined) await readFile({ chunks: packed(master.listings), layout: LISTED_LAYOUT }, builder, hash);
  else for await (const file of files) await readFile(file, builder, hash);
  const filled = await builder.finish(othersTurn);
  const unread = files === undefined ? master.skipped() : 0;
  return { ...filled, hash: hash.digest('hex'), skipped: builder.skipped + unread };
}

async function readFile({ chunks, layout }: MasterFile, builder: IndexBuilder, hash: Hash): Promise<void> {
  const { rows, symbolsAreUnique = false } = layout;
  builder.beginFile((header) => layout.open(header), rows.kind !== 'json-objects' && rows.header, symbolsAreUnique);
  const cutter = createRowCutter(rows, builder);
  let taken = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += SLICE) {
      const piece = Buffer.from(chunk.buffer, chunk.byteOffset + from, Math.min(SLICE, chunk.length - from));
      hash.update(piece);
      cutter.push(piece);
      builder.endPiece();
      taken += piece.length;
      if (taken < SLICE) continue;
      taken = 0;
      await othersTurn();
    }
  }
  cutter.end();
  builder.endFile();
}

const othersTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
