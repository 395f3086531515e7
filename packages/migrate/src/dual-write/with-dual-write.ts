import type { Store, StoreDefinition } from '@algo/core/store';
import { storeWith } from '../store-with.js';
import { dualJournal } from './dual-journal.js';
import { JournalFile } from './journal-file.js';
import type { FileStatus } from './journal-file.js';

export interface DualWriteOptions {
  /** The file of lines. Made with mode 600 when it is missing, added to when it is there. */
  readonly path: string;
}

/** A store whose journal is written to a file as well. */
export interface DualWriteDefinition extends StoreDefinition {
  /** How the file is doing; `lost` above 0 means that it cannot be relied on. */
  status(): FileStatus;
}

/**
 * Writes the order journal of a store to a file as well, for as long as somebody wants to compare the two. The store
 * decides, the file follows: whatever happens to the file, orders go their way and `status()` counts what it lacks.
 *
 * Rows that come by an import or a reassignment pass beside it.
 */
export function withDualWrite(definition: StoreDefinition, { path }: DualWriteOptions): DualWriteDefinition {
  const past = { written: 0, lost: 0 };
  let file = new JournalFile(path);
  return {
    status: () => ({
      written: past.written + file.status.written,
      lost: past.lost + file.status.lost,
      failure: file.status.failure,
    }),
    async open() {
      const store = await definition.open();
      past.written += file.status.written;
      past.lost += file.status.lost;
      file = new JournalFile(path);
      return withFile(store, file);
    },
  };
}

const withFile = (store: Store, file: JournalFile): Store =>
  storeWith(store, {
    journal: dualJournal(store.journal, file),
    async close() {
      await store.close();
      await file.close();
    },
  });
