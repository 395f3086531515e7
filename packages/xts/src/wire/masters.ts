/**
 * One row of the instrument master, as printed. Empty where its layout has no such column.
 *
 * Fields are split by `|` and there is no header, so that the layout follows from the instrument type:
 *
 * - cash and index, 22 fields (23 were seen once), the ISIN in the 16th
 * - option, 23 fields
 * - future and spread, 21 fields: as an option, but without strike and option type
 *
 * @see master_nsecm and master_fo (rows of 2026), as collected 2026-11-20
 */
export interface MasterRow {
  /** `NSECM`, `NSEFO`, … */
  readonly segment: string;
  readonly token: string;
  readonly kind: 'cash' | 'index' | 'future' | 'option' | 'spread';
  readonly name: string;
  /** The exchange's own spelling, `RELIANCE-EQ`, `NIFTY26JUNFUT`. */
  readonly description: string;
  readonly series: string;
  readonly freezeQuantity: string;
  /** Rupees, as are strikes. */
  readonly tickSize: string;
  readonly lotSize: string;
  readonly multiplier: string;
  readonly isin: string;
  /** `2026-06-30T14:30:00`, IST; the time is not the market's close. */
  readonly expiry: string;
  readonly strike: string;
  /** 3 is CE, 4 is PE. */
  readonly optionType: string;
  readonly displayName: string;
  readonly longName: string;
}

const KINDS: ReadonlyMap<string, MasterRow['kind']> = new Map([
  ['1', 'future'],
  ['2', 'option'],
  ['4', 'spread'],
  ['8', 'cash'],
  ['16', 'index'],
]);

interface Layout {
  readonly fewest: number;
  readonly most: number;
  readonly at: Readonly<
    Partial<Record<'isin' | 'expiry' | 'strike' | 'optionType' | 'displayName' | 'longName', number>>
  >;
}

const CASH: Layout = { fewest: 22, most: 24, at: { displayName: 14, isin: 15, longName: 18 } };
const FUTURE: Layout = { fewest: 21, most: 21, at: { expiry: 16, displayName: 17, longName: 20 } };
const OPTION: Layout = {
  fewest: 23,
  most: 23,
  at: { expiry: 16, strike: 17, optionType: 18, displayName: 19, longName: 22 },
};

const LAYOUTS: Readonly<Record<MasterRow['kind'], Layout>> = {
  cash: CASH,
  index: CASH,
  future: FUTURE,
  spread: FUTURE,
  option: OPTION,
};

/** One line as a row; null when it has no known layout: a shifted row would name another contract. */
export function readMasterRow(line: string): MasterRow | null {
  const fields = line.split('|');
  const kind = KINDS.get(fields[2]?.trim() ?? '');
  if (kind === undefined) return null;
  const { fewest, most, at } = LAYOUTS[kind];
  if (fields.length < fewest || fields.length > most) return null;
  const printed = (index: number | undefined): string => (index === undefined ? '' : (fields[index]?.trim() ?? ''));
  return {
    segment: printed(0),
    token: printed(1),
    kind,
    name: printed(3),
    description: printed(4),
    series: printed(5),
    freezeQuantity: printed(10),
    tickSize: printed(11),
    lotSize: printed(12),
    multiplier: printed(13),
    isin: printed(at.isin),
    expiry: printed(at.expiry),
    strike: printed(at.strike),
    optionType: printed(at.optionType),
    displayName: printed(at.displayName),
    longName: printed(at.longName),
  };
}
