import type { Instrument } from '../../exchange/instrument.js';
import { istDate } from '../../ist.js';
import type { KotakSegment } from '../words.js';
import { KOTAK_SEGMENTS, segmentOf, segmentWord } from '../words.js';
import type { ScripRow } from './scrip-columns.js';
import { PUBLISHED_HEADER, PUBLISHED_LINES, TRIMMED_HEADER, readLine, writeLine } from './scrip-columns.js';
import type { ScripOptions } from './synthetic-scrips.js';
import { precisionOf, syntheticRow, underlyingOf } from './synthetic-scrips.js';

/** One row of the scrip files, in the part that the wire needs. */
export interface KotakScrip {
  readonly segment: KotakSegment;
  readonly token: string;
  readonly tradingSymbol: string;
  readonly underlying: string;
  readonly series: string;
  readonly instrumentType: string;
  readonly optionType: string;
  readonly precision: number;
  /** `null` for what Kotak lists and the pretend exchange does not trade. */
  readonly instrument: Instrument | null;
}

export interface KotakCatalogue {
  readonly scrips: readonly KotakScrip[];
  byToken(segment: KotakSegment, token: string): KotakScrip | undefined;
  byTradingSymbol(segment: KotakSegment, tradingSymbol: string): KotakScrip | undefined;
  /** Quotes name an index by its exact name, never by its token. */
  byIndexName(segment: KotakSegment, name: string): KotakScrip | undefined;
  byInstrument(instrumentId: string): KotakScrip | undefined;
  /** The text of one of `SCRIP_FILES` as of the instant: contracts that have expired are gone. */
  fileText(file: string, atMs: number): string | undefined;
}

/** Below the base folder and the date, in the order of the recorded list. */
export const SCRIP_FILES = [
  'transformed/cde_fo.csv',
  'transformed/mcx_fo.csv',
  'transformed/nse_fo.csv',
  'transformed/bse_fo.csv',
  'transformed/nse_com.csv',
  'transformed-v1/bse_cm-v1.csv',
  'transformed-v1/nse_cm-v1.csv',
] as const;

/** Kotak's tokens and quote names of indices, by the exchange's symbol. The token of SENSEX is BSE's own and unsure. */
const INDICES: Readonly<Record<string, readonly [token: string, name: string]>> = {
  NIFTY: ['26000', 'Nifty 50'],
  BANKNIFTY: ['26009', 'Nifty Bank'],
  SENSEX: ['1', 'SENSEX'],
};

interface Entry {
  readonly scrip: KotakScrip;
  readonly line: string;
}

export function kotakCatalogue(instruments: readonly Instrument[], options: ScripOptions): KotakCatalogue {
  const entries = entriesOf(instruments, options);
  const scrips = entries.map(({ scrip }) => scrip);
  const byToken = new Map(scrips.map((scrip) => [`${scrip.segment}|${scrip.token}`, scrip]));
  const bySymbol = new Map(scrips.map((scrip) => [`${scrip.segment}|${scrip.tradingSymbol}`, scrip]));
  const byInstrument = new Map(scrips.flatMap((scrip) => (scrip.instrument ? [[scrip.instrument.id, scrip]] : [])));
  return {
    scrips,
    byToken: (segment, token) => byToken.get(`${segment}|${token}`),
    byTradingSymbol: (segment, tradingSymbol) => bySymbol.get(`${segment}|${tradingSymbol}`),
    byIndexName(segment, name) {
      const found = Object.values(INDICES).find(([, known]) => known === name);
      return found === undefined ? undefined : byToken.get(`${segment}|${found[0]}`);
    },
    byInstrument: (instrumentId) => byInstrument.get(instrumentId),
    fileText: (file, atMs) => fileText(entries, file, istDate(atMs)),
  };
}

/** `Nifty 50` for the index NIFTY; `undefined` for what is no index that can be quoted. */
export function indexNameOf({ instrument }: KotakScrip): string | undefined {
  return instrument?.segment === 'INDEX' ? INDICES[instrument.symbol]?.[1] : undefined;
}

/** Published rows first, as they are; then a row of ours for every other instrument of the exchange. */
function entriesOf(instruments: readonly Instrument[], options: ScripOptions): readonly Entry[] {
  const tokens = new Map<string, Instrument>();
  for (const instrument of instruments) {
    const key = keyOf(instrument);
    if (key !== undefined) tokens.set(key, instrument);
  }
  const entries = PUBLISHED_LINES.map((line): Entry => {
    const row = readLine(line);
    const key = `${row['pExchSeg'] ?? ''}|${row['pSymbol'] ?? ''}`;
    const instrument = tokens.get(key) ?? null;
    tokens.delete(key);
    return { scrip: scripOf(row, instrument), line };
  });
  for (const [key, instrument] of tokens) {
    const [word = '', token = ''] = key.split('|');
    const row = syntheticRow(instrument, knownSegment(word), token, options);
    entries.push({ scrip: scripOf(row, instrument), line: writeLine(row) });
  }
  return entries;
}

/** Segment and token at Kotak. Tokens of the exchanges are the same at every broker; those of indices are not. */
function keyOf({ segment, symbol, token }: Instrument): string | undefined {
  const word = segmentWord(segment, symbol);
  const own = segment === 'INDEX' ? INDICES[symbol]?.[0] : token;
  return word === undefined || own === undefined ? undefined : `${word}|${own}`;
}

function scripOf(row: ScripRow, instrument: Instrument | null): KotakScrip {
  const segment = knownSegment(row['pExchSeg'] ?? '');
  return {
    segment,
    token: row['pSymbol'] ?? '',
    tradingSymbol: row['pTrdSymbol'] ?? '',
    underlying: instrument === null ? (row['pSymbolName'] ?? '') : underlyingOf(instrument),
    series: row['pGroup'] ?? '',
    instrumentType: row['pInstType'] ?? '',
    optionType: row['pOptionType'] ?? '',
    precision: precisionOf(segment),
    instrument,
  };
}

function knownSegment(text: string): KotakSegment {
  const segment = segmentOf(text);
  if (segment === undefined) throw new Error(`The scrip files have no segment ${text}`);
  return segment;
}

/** Two spellings of the header are about: readers must trim names, and read by name. */
const PUBLISHED_HEADERS: readonly KotakSegment[] = ['nse_cm', 'bse_fo', 'mcx_fo'];

function fileText(entries: readonly Entry[], file: string, date: string): string | undefined {
  if (!SCRIP_FILES.some((known) => known === file)) return undefined;
  const segment = KOTAK_SEGMENTS.find((name) => file.includes(name));
  const header = segment === undefined || PUBLISHED_HEADERS.includes(segment) ? PUBLISHED_HEADER : TRIMMED_HEADER;
  const lines = entries.flatMap(({ scrip, line }) => {
    const expiry = scrip.instrument?.contract?.expiry;
    return scrip.segment === segment && (expiry === undefined || expiry >= date) ? [line] : [];
  });
  return `${[header, ...lines].join('\n')}\n`;
}
