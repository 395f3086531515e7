import { AlgoError, streamedMaster } from '@algo/core/adapter';
import type { BrokerCall, Logger, MasterFile, MasterLayout, RowReading, StreamedMaster } from '@algo/core/adapter';
import type { KotakClient } from './client.js';
import type { ResolvedKotakConfig } from './config.js';
import { isTestRow, toListing, yieldsToEq } from './map/from-wire/listings.js';
import type { MasterFacts } from './map/from-wire/listings.js';
import type { Segment } from './map/words.js';
import { rowReader } from './wire/masters.js';
import type { MasterRow } from './wire/masters.js';
import { BROKER } from './wire/read.js';

/**
 * The day's files, one for each segment, whose places Kotak names first; each is fetched when the one before it was read.
 *
 * A segment that Kotak does not list is logged and left out. A file that cannot be had or read refuses the whole master,
 * so that the last good one stays.
 *
 * @throws {AlgoError} `ALGO_INSTRUMENTS_REFUSED`, and by status
 */
export async function loadInstruments(
  client: KotakClient,
  { segments, quantityUnit }: Pick<ResolvedKotakConfig, 'segments' | 'quantityUnit'>,
  logger: Logger,
  call: BrokerCall,
): Promise<StreamedMaster> {
  const urls = await client.masterUrls(call);
  const wanted = segments.flatMap((segment) => {
    const url = urlOf(segment, urls);
    if (url === null) logger.warn('kotak.master-missing', { segment });
    return url === null ? [] : [{ segment, url }];
  });
  const [first] = wanted;
  if (first === undefined) {
    throw new AlgoError('ALGO_INSTRUMENTS_REFUSED', { broker: BROKER, why: 'none of the wanted files is listed' });
  }

  async function* files(): AsyncGenerator<MasterFile, void, undefined> {
    for (const { segment, url } of wanted) {
      const facts = { segment, nowMs: call.startedAtMs, quantityUnit };
      yield { chunks: await client.master(url, call), layout: masterLayout(facts) };
    }
  }
  const source = wanted.length === 1 ? first.url : `${first.url} and ${wanted.length - 1} more`;
  return streamedMaster({ broker: BROKER, source, files: files() });
}

/** `…/2026-07-14/transformed-v1/nse_cm-v1.csv`; the one with the highest version where there are several. */
function urlOf(segment: Segment, urls: readonly string[]): string | null {
  let best: { readonly url: string; readonly version: number } | null = null;
  for (const url of urls) {
    const [, name, version = '0'] = FILE_NAME.exec(url) ?? [];
    if (name === segment && (best === null || Number(version) > best.version)) best = { url, version: Number(version) };
  }
  return best?.url ?? null;
}

const FILE_NAME = /\/([a-z]+_[a-z]+)(?:-v(\d{1,3}))?\.csv$/;

/** How one of the files is read: line by line, columns by the names of its header. */
export const masterLayout = (facts: MasterFacts): MasterLayout => ({
  rows: { kind: 'lines', header: true },
  symbolsAreUnique: true, // an order names its contract by nothing else
  open(header) {
    const readRow = rowReader(header, facts.segment);
    return { read: (line) => readingOf(readRow(line), facts) };
  },
});

function readingOf(row: MasterRow | null, facts: MasterFacts): RowReading {
  if (row !== null && isTestRow(row)) return { kind: 'left-out' };
  const listing = row === null ? null : toListing(row, facts);
  return row === null || listing === null
    ? { kind: 'malformed' }
    : { kind: 'listing', listing, yields: yieldsToEq(row) };
}
