import { AlgoError, EXCHANGES, PRODUCTS, SIDES, checkNames, choice } from '@algo/core/adapter';
import type { Exchange, InputProblem, OrderStatus, Product, Side } from '@algo/core/adapter';
import { fileRefused } from '../source/refusals.js';
import { LAYOUTS, LAYOUT_NAMES, ORDER_STATUSES } from './layouts.js';
import type { ColumnName, Layout, LayoutName } from './layouts.js';

/** A layout of the user's own: one that is known, with what is different about it. What is left out stays. */
export interface LayoutMapping {
  readonly like: LayoutName;
  /** Path of the list within a JSON object, `data.rows`. */
  readonly list?: string;
  /** Names of columns in the file, by our word: `{ quantity: 'shares' }`. */
  readonly columns?: Readonly<Partial<Record<ColumnName, string>>>;
  /** Where a symbol without an exchange trades. @default 'NSE' */
  readonly exchange?: Exchange;
  /** @default none */
  readonly product?: Product;
  /** Side of rows that name none. */
  readonly side?: Side;
  /** Our word for their status, beside those that are known: `{ DONE: 'FILLED' }`. */
  readonly statuses?: Readonly<Record<string, OrderStatus>>;
}

/**
 * The layout a file is read by: what was asked for, else what its name says.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` for a mapping that cannot work, `ALGO_IMPORT_REFUSED` for a name that says nothing
 */
export function resolveLayout(path: string, wanted: LayoutName | LayoutMapping | undefined): Layout {
  if (wanted === undefined) return layoutByName(path);
  if (typeof wanted !== 'string') return mapped(wanted);
  const problems: InputProblem[] = [];
  const name = choice('layout', wanted, LAYOUT_NAMES, problems);
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  return LAYOUTS[name];
}

const BY_FILE_NAME: Readonly<Record<string, LayoutName>> = {
  trades_history: 'trades-history',
  trades: 'trades-history',
  pending_orders: 'pending-orders',
  orders: 'paper-orders',
  paper_orders: 'paper-orders',
  transactions: 'transactions',
  holdings: 'holdings',
};

function layoutByName(path: string): Layout {
  const stem = /([^/\\]+?)\.(?:json|csv)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  const name = Object.hasOwn(BY_FILE_NAME, stem) ? BY_FILE_NAME[stem] : undefined;
  if (name !== undefined) return LAYOUTS[name];
  throw fileRefused(path, `its name does not say what it holds; name a layout: ${LAYOUT_NAMES.join(', ')}`);
}

const OPTIONS = ['like', 'list', 'columns', 'exchange', 'product', 'side', 'statuses'] as const;

function mapped(mapping: LayoutMapping): Layout {
  const problems: InputProblem[] = [];
  checkNames('layout.', mapping, OPTIONS, problems);
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  const base = LAYOUTS[choice('layout.like', mapping.like, LAYOUT_NAMES, problems)];
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  const { list = base.list, columns = {}, exchange = base.exchange, statuses = {} } = mapping;
  const product = mapping.product ?? base.product;
  const side = mapping.side ?? base.side;
  checkNames('layout.columns.', columns, Object.keys(base.columns), problems);
  checkTexts('layout.columns.', columns, problems);
  checkTexts('layout.', { list }, problems);
  choice('layout.exchange', exchange, EXCHANGES, problems);
  if (product !== null) choice('layout.product', product, PRODUCTS, problems);
  if (side !== null) choice('layout.side', side, SIDES, problems);
  for (const [word, status] of Object.entries(statuses))
    choice(`layout.statuses.${word}`, status, ORDER_STATUSES, problems);
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  return {
    ...base,
    list,
    exchange,
    product,
    side,
    columns: { ...base.columns, ...listsOf(columns) },
    statuses: { ...base.statuses, ...normalized(statuses) },
  };
}

function checkTexts(prefix: string, texts: Readonly<Record<string, unknown>>, problems: InputProblem[]): void {
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text !== 'string' || text === '') problems.push({ field: prefix + name, problem: 'must be a text' });
  }
}

const listsOf = (columns: Readonly<Partial<Record<ColumnName, string>>>): Layout['columns'] =>
  Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, [column]]));

const normalized = (statuses: Readonly<Record<string, OrderStatus>>): Layout['statuses'] =>
  Object.fromEntries(Object.entries(statuses).map(([word, status]) => [statusWord(word), status]));

/** How status words are compared: `Trigger pending` is `TRIGGER_PENDING`. */
export const statusWord = (printed: string): string =>
  printed
    .trim()
    .toUpperCase()
    .replaceAll(/[\s-]+/g, '_');
