import { systemClock } from '@algo/core';
import type { Clock } from '@algo/core';
import { AlgoError } from '@algo/core/store';
import type { AccountKey, InputProblem, PortfolioKind } from '@algo/core/store';
import type { LayoutName } from '../layout/layouts.js';
import type { LayoutMapping } from '../layout/resolve-layout.js';

/** One file to import. */
export interface ImportFile {
  /** Where it lies. Its name says how it is read, `trades_history.json` or `.csv`, unless `layout` does. */
  readonly path: string;
  readonly layout?: LayoutName | LayoutMapping;
}

/** What to import, and for whom. Defaults live in `DEFAULTS` and nowhere else. */
export interface ImportOptions {
  readonly files: readonly ImportFile[];
  /** Whose rows they become. The account need not have credentials; for paper trading name a broker such as `paper`. */
  readonly target: AccountKey;
  /** A larger file is refused before it is read, in bytes. @default 268435456 */
  readonly maxFileBytes?: number;
  /** How far a transaction may be from its order, in milliseconds. @default 300000 */
  readonly linkWithinMs?: number;
  /** What a file of holdings becomes a snapshot of. @default 'holdings' */
  readonly holdingsAs?: PortfolioKind;
  /** @default the system's */
  readonly clock?: Clock;
}

const DEFAULTS = { maxFileBytes: 268_435_456, linkWithinMs: 300_000, holdingsAs: 'holdings' } as const;

export type ResolvedImportOptions = Readonly<Required<ImportOptions>>;

/** @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem at once */
export function resolveOptions(options: ImportOptions): ResolvedImportOptions {
  const resolved = { ...DEFAULTS, clock: systemClock(), ...withoutUndefined(options) };
  const { files, target, maxFileBytes, linkWithinMs, holdingsAs } = resolved;
  const problems: InputProblem[] = [];
  const check = (field: string, holds: boolean, problem: string): void => {
    if (!holds) problems.push({ field, problem });
  };
  check('files', Array.isArray(files) && files.length > 0, 'must name at least one file');
  for (const part of ['userId', 'broker', 'account'] as const) {
    check(`target.${part}`, isName(target?.[part]), 'must be a text of 1 to 200 characters');
  }
  check('maxFileBytes', isCount(maxFileBytes) && maxFileBytes <= LARGEST_FILE, `must be 1 to ${LARGEST_FILE}`);
  check('linkWithinMs', linkWithinMs === 0 || isCount(linkWithinMs), 'must be a whole number, 0 or more');
  check('holdingsAs', holdingsAs === 'holdings' || holdingsAs === 'positions', "must be 'holdings' or 'positions'");
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  return resolved;
}

/** What a text can hold in Node. */
const LARGEST_FILE = 536_870_000;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

const isName = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && value.length <= 200;

/** `undefined` means the default. */
const withoutUndefined = (options: ImportOptions): ImportOptions => {
  const { files, target, ...rest } = options;
  return { files, target, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) };
};
