import { AlgoError } from '@algo/core';

/** A row that was left out, and why. */
export interface RefusedRow {
  /** In JSON its place in the list, from 1; in CSV the line of the file it ends on, the header being line 1. */
  readonly row: number;
  /** Names the column; what stands in it is shown shortened. */
  readonly reason: string;
}

/** Ends the reading of one row. Never leaves this package: it becomes a `RefusedRow`. */
export class RowRefused extends Error {
  override readonly name = 'RowRefused';
}

/** Nothing of the file is taken. */
export const fileRefused = (source: string, why: string): AlgoError =>
  new AlgoError('ALGO_IMPORT_REFUSED', { source, why });
