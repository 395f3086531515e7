import type { AttemptMove, AttemptRow, FillRecord, OrderSighting } from '@algo/core/store';

/** One line of the file: what the store's journal took, in the order it took it. */
export type JournalLine =
  | { readonly call: 'add'; readonly row: AttemptRow }
  | { readonly call: 'move'; readonly move: AttemptMove }
  | { readonly call: 'claim'; readonly row: AttemptRow }
  | { readonly call: 'sighting'; readonly sighting: OrderSighting }
  | { readonly call: 'fill'; readonly fill: FillRecord }
  | { readonly call: 'delete'; readonly userId: string; readonly clientOrderId: string };

export const writeLine = (line: JournalLine): string => JSON.stringify(line);

/** Null for a line that was torn, or is not of ours. */
export function readLine(text: string): JournalLine | null {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? line : null;
  } catch {
    return null; // half a line, after a crash in the middle of it
  }
}

const PART_OF: Readonly<Record<JournalLine['call'], string>> = {
  add: 'row',
  move: 'move',
  claim: 'row',
  sighting: 'sighting',
  fill: 'fill',
  delete: 'userId',
};

/** Looks at the outline alone: the file is our own, and whatever is wrong inside shows as a difference. */
function isLine(line: unknown): line is JournalLine {
  if (typeof line !== 'object' || line === null || !('call' in line) || typeof line.call !== 'string') return false;
  if (!Object.hasOwn(PART_OF, line.call)) return false;
  const part: unknown = Reflect.get(line, Reflect.get(PART_OF, line.call));
  if (line.call === 'delete') return typeof part === 'string';
  return typeof part === 'object' && part !== null && typeof Reflect.get(part, 'userId') === 'string';
}
