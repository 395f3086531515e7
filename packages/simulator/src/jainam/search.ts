import { parseBody } from '../body.js';
import type { Reply, WireCall } from '../wire.js';
import type { JainamContext, JainamUserCall } from './context.js';
import type { Listing } from './masters/catalogue.js';
import { displayNameOf } from './portfolio-rows.js';
import { MESSAGE_CODES, readPairs } from './quotes.js';
import { badRequest, required, success, unknownInstrument } from './replies.js';
import type { Row } from './rows.js';
import { compactDate } from './times.js';
import { SEGMENTS_BY_NUMBER, SEGMENT_NAMES, SEGMENT_NUMBERS } from './words.js';

/** `POST .../instruments/master {exchangeSegmentList}`: open to anyone, and one long text. */
export function instrumentMaster({ catalogue }: JainamContext, call: WireCall): Reply {
  const asked: unknown = (parseBody(call.bodyText) ?? {})['exchangeSegmentList'];
  const segments = Array.isArray(asked) ? asked.map((word: unknown) => SEGMENT_NAMES[String(word)]) : [];
  const known = segments.filter((segment) => segment !== undefined);
  if (known.length === 0 || known.length < segments.length)
    return badRequest([required('exchangeSegmentList', 'body')]);
  const texts = known.map((segment) => catalogue.master(segment)).filter((text) => text !== '');
  return success('s-instrument-0010', 'Instruments', texts.join('\n'));
}

/** `GET .../instruments/indexlist?exchangeSegment=1|11`: `<name>_<id>`. */
export function indexList({ catalogue }: JainamContext, { query }: JainamUserCall): Reply {
  const exchangeSegment = query.get('exchangeSegment') ?? '';
  if (exchangeSegment !== '1' && exchangeSegment !== '11') return badRequest([required('exchangeSegment', 'query')]);
  const indices = catalogue.listings.filter((listing) => {
    return listing.segmentNumber === Number(exchangeSegment) && listing.fields[2] === '16';
  });
  return success('s-instrument-0001', 'Index List successfully fetched', {
    exchangeSegment,
    indexList: indices.map(({ fields, token }) => `${fields[3] ?? ''}_${token}`),
  });
}

/** `GET .../config/clientConfig`: no value is ever null, the official client breaks on one. */
export function clientConfig(): Reply {
  return success('s-config-0001', 'Client configuration', {
    exchangeSegments: SEGMENT_NUMBERS,
    xtsMessageCode: { ...MESSAGE_CODES, indexDataEvent: 1504, instrumentPropertyChangeEvent: 1105 },
    instrumentType: { Futures: 1, Options: 2, Spread: 4, Equity: 8, Index: 16 },
    publishFormat: ['JSON', 'Binary'],
    broadCastMode: ['Full', 'Partial'],
  });
}

const MOST_FOUND = 100;

/** `GET .../search/instruments?searchString=`: every word has to be somewhere in a name. */
export function searchByText({ catalogue }: JainamContext, { query }: JainamUserCall): Reply {
  const words = (query.get('searchString') ?? '').toUpperCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return badRequest([required('searchString', 'query')]);
  const found = catalogue.listings.filter(({ fields }) => {
    const names = [fields[3], fields[4], displayNameOf(fields)].join(' ').toUpperCase();
    return words.every((word) => names.includes(word));
  });
  return foundReply(found.slice(0, MOST_FOUND));
}

/** `POST .../search/instrumentsbyid {source, instruments}`. */
export function searchById({ catalogue }: JainamContext, call: JainamUserCall): Reply {
  const pairs = readPairs((parseBody(call.bodyText) ?? {})['instruments']);
  if (pairs === undefined) return badRequest([required('instruments', 'body')]);
  const found = catalogue.listings.filter((listing) =>
    pairs.some(({ segment, token }) => listing.segment === segment && listing.token === token),
  );
  return found.length === 0 ? unknownInstrument() : foundReply(found);
}

/** `POST .../search/instrumentsbyisin {source, userID, ISINList}`. */
export function searchByIsin({ catalogue }: JainamContext, call: JainamUserCall): Reply {
  const asked: unknown = (parseBody(call.bodyText) ?? {})['ISINList'];
  if (!Array.isArray(asked) || asked.length === 0) return badRequest([required('ISINList', 'body')]);
  const isins = new Set(asked.map(String));
  return foundReply(catalogue.listings.filter(({ fields }) => fields[2] === '8' && isins.has(fields[15] ?? '')));
}

type Part = 'series' | 'symbol' | 'expiryDate' | 'futureSymbol' | 'optionsymbol' | 'optionType' | 'strikePrice';

/** `GET .../instruments/instrument/{part}`: what there is for the parts of a contract that are given. */
export function findByParts(part: Part): (context: JainamContext, call: JainamUserCall) => Reply {
  return ({ catalogue }, { query }) => {
    const segment = SEGMENTS_BY_NUMBER[query.get('exchangeSegment') ?? ''];
    if (segment === undefined) return badRequest([required('exchangeSegment', 'query')]);
    const isWanted = (name: string, value: string): boolean => {
      const asked = query.get(name) ?? '';
      return asked === '' || asked.toUpperCase() === value.toUpperCase();
    };
    const found = catalogue.listings.filter((listing) => {
      const { fields } = listing;
      return (
        listing.segment === segment &&
        isWanted('series', fields[5] ?? '') &&
        isWanted('symbol', fields[3] ?? '') &&
        (!isContract(listing) || isWanted('expiryDate', compactDate(expiryOf(listing).slice(0, 10)))) &&
        (fields[2] !== '2' || (isWanted('optionType', optionOf(listing)) && isWanted('strikePrice', fields[17] ?? '')))
      );
    });
    switch (part) {
      case 'series':
        return listReply(found.map(({ fields }) => fields[5] ?? ''));
      case 'expiryDate':
        return listReply(found.filter(isContract).map(expiryOf));
      case 'optionType':
        return listReply(found.filter(({ fields }) => fields[2] === '2').map(optionOf));
      case 'strikePrice':
        return listReply(found.filter(({ fields }) => fields[2] === '2').map(({ fields }) => fields[17] ?? ''));
      case 'symbol':
        return foundReply(found);
      case 'futureSymbol':
        return foundReply(found.filter(({ fields }) => fields[2] === '1'));
      case 'optionsymbol':
        return foundReply(found.filter(({ fields }) => fields[2] === '2'));
    }
  };
}

function isContract({ fields }: Listing): boolean {
  return fields[2] === '1' || fields[2] === '2';
}

function expiryOf({ fields }: Listing): string {
  return fields[16] ?? '';
}

function optionOf({ fields }: Listing): string {
  return fields[18] === '3' ? 'CE' : 'PE';
}

function listReply(values: readonly string[]): Reply {
  return success('s-instrument-0001', 'Instruments fetched', [...new Set(values)].sort());
}

function foundReply(found: readonly Listing[]): Reply {
  return success('s-search-0001', 'Search done', found.map(detailsOf));
}

/** A master row with its columns named. */
function detailsOf(listing: Listing): Row {
  const { fields, segmentNumber, token } = listing;
  const number = (column: number): number => Number(fields[column] ?? 0);
  const contract = {
    UnderlyingInstrumentId: number(14),
    UnderlyingIndexName: fields[15],
    ContractExpiration: fields[16],
    ...(fields[2] === '2' ? { StrikePrice: number(17), OptionType: number(18) } : {}),
  };
  return {
    ExchangeSegment: segmentNumber,
    ExchangeInstrumentID: Number(token),
    InstrumentType: number(2),
    Name: fields[3],
    DisplayName: displayNameOf(fields),
    Description: fields[4],
    Series: fields[5],
    NameWithSeries: fields[6],
    InstrumentID: fields[7],
    PriceBand: { High: number(8), Low: number(9) },
    FreezeQty: number(10),
    TickSize: number(11),
    LotSize: number(12),
    Multiplier: number(13),
    ...(isContract(listing) ? contract : { ISIN: fields[15] }),
  };
}
