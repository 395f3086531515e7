import { randomBytes } from 'node:crypto';
import { AlgoError } from '../../errors/algo-error.js';
import type { AccountKey } from '../../contract/store.js';
import type { StoreChange } from '../../contract/store-change.js';
import { emptyRows } from './memory-data.js';
import type { MemoryData, UserRows } from './memory-data.js';

/** One opened store's way to the data. */
export interface MemoryLink {
  readonly data: MemoryData;
  readonly owner: string;
  /**
   * Runs a call at once and whole, so that nothing of another call comes between.
   *
   * @throws {AlgoError} `ALGO_CLOSED`; `ALGO_INVALID_INPUT` for an id that a database could not tell from another one
   */
  call<Result>(ids: Ids, run: () => Result): Promise<Result>;
  rowsOf(userId: string): UserRows;
  /** Tells the other opened stores. */
  tell(change: StoreChange): void;
  onChange(listener: (change: StoreChange) => void): () => void;
  close(): Promise<void>;
}

/** Ids of a call, by the name of their field. */
export type Ids = Readonly<Record<string, string>>;

export function linkTo(data: MemoryData): MemoryLink {
  const owner = randomBytes(16).toString('hex');
  const listeners = new Set<(change: StoreChange) => void>();
  data.links.set(owner, listeners);

  return {
    data,
    owner,
    async call(ids, run) {
      if (!data.links.has(owner)) throw new AlgoError('ALGO_CLOSED', { what: 'store' });
      for (const [field, id] of Object.entries(ids)) checkId(field, id);
      return run();
    },
    rowsOf(userId) {
      const rows = data.users.get(userId) ?? emptyRows();
      data.users.set(userId, rows);
      return rows;
    },
    tell(change) {
      for (const [other, theirs] of data.links) if (other !== owner) tellAll(theirs, change);
    },
    onChange(listener) {
      const own = (change: StoreChange): void => listener(change); // handed in twice, it is two listeners
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    async close() {
      listeners.clear();
      data.links.delete(owner);
    },
  };
}

/** Later than the write, as a database does it: who writes never runs into what a listener throws. */
function tellAll(listeners: Set<(change: StoreChange) => void>, change: StoreChange): void {
  for (const listener of listeners) {
    queueMicrotask(() => {
      if (listeners.has(listener)) listener(change);
    });
  }
}

/** Half a surrogate pair has no UTF-8: a database would store the same replacement character for each of them. */
export function checkId(field: string, id: string): void {
  if (id.isWellFormed()) return;
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'holds half of a surrogate pair' }] });
}

export const accountIds = ({ userId, broker, account }: AccountKey): AccountKey & Ids => ({ userId, broker, account });
