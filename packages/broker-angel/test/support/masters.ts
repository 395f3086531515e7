import type { Listing } from '@algo/core/adapter';
import { resolveConfig } from '../../src/config.js';
import type { AngelConfig } from '../../src/config.js';
import { readMaster } from '../../src/instruments.js';

export interface Read {
  readonly listings: readonly Listing[];
  readonly skipped: number;
}

/** All that a book of this file would hold. */
export async function readWhole(
  file: string | Uint8Array,
  config: AngelConfig = {},
  pieceLength = 1 << 20,
): Promise<Read> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += pieceLength) pieces.push(bytes.subarray(from, from + pieceLength));
  const master = readMaster('test', pieces, resolveConfig(config).quantityUnit);
  const listings: Listing[] = [];
  for await (const listing of master.listings) listings.push(listing);
  return { listings, skipped: master.skipped() };
}

/** The same without the indices that are put back; the tests of those look at the whole. */
export async function read(file: string | Uint8Array, config: AngelConfig = {}, pieceLength = 1 << 20): Promise<Read> {
  const { listings, skipped } = await readWhole(file, config, pieceLength);
  const text = typeof file === 'string' ? file : Buffer.from(file).toString('utf8');
  const isAdded = ({ token }: Listing): boolean => ADDED.has(token) && !text.includes(`"${token}"`);
  return { listings: listings.filter((listing) => !isAdded(listing)), skipped };
}

const ADDED: ReadonlySet<string> = new Set(['99926000', '99926009', '99926017', '99919000']);

export type Row = Readonly<Record<string, unknown>>;
export const share = (change: Row = {}): Row => ({
  token: '1',
  symbol: 'SBIN-EQ',
  name: 'SBIN',
  expiry: '',
  strike: '-1.000000',
  lotsize: '1',
  instrumenttype: '',
  exch_seg: 'NSE',
  tick_size: '5.000000',
  ...change,
});
export const option = (change: Row = {}): Row =>
  share({
    token: '2',
    symbol: 'NIFTY24NOV2626000CE',
    name: 'NIFTY',
    expiry: '24NOV2026',
    strike: '2600000.000000',
    lotsize: '65',
    instrumenttype: 'OPTIDX',
    exch_seg: 'NFO',
    ...change,
  });

export const idsOf = async (rows: readonly unknown[], config: AngelConfig = {}): Promise<readonly string[]> =>
  (await read(JSON.stringify(rows), config)).listings.map(({ instrument }) => instrument);
