import { frozenCopy } from './frozen-copy.js';

/** Writes the rows that are not there yet and leaves the others as they are. @returns how many were written */
export function addMissing<Row>(to: Map<string, Row>, rows: readonly Row[], keyOf: (row: Row) => string): number {
  const before = to.size;
  for (const row of rows) if (!to.has(keyOf(row))) to.set(keyOf(row), frozenCopy(row));
  return to.size - before;
}

/** @returns how many were taken away */
export function removeWhere<Row>(from: Map<string, Row>, isGoing: (row: Row) => boolean): number {
  const going = [...from].filter(([, row]) => isGoing(row));
  for (const [key] of going) from.delete(key);
  return going.length;
}
