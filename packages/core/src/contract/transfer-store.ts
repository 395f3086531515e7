import type { AuditEntry } from './audit-store.js';
import type { CredentialRecord } from './credential-store.js';
import type { FillRecord, OrderSighting } from './order-journal.js';
import type { PortfolioSnapshot } from './portfolio-store.js';

/** Rows that come from files: all of one user, written in one transaction under one id. */
export interface ImportBatch {
  readonly userId: string;
  /** Unique per user. */
  readonly importId: string;
  /** Where they came from, for people. */
  readonly source: string;
  readonly atMs: number;
  readonly orders: readonly OrderSighting[];
  readonly fills: readonly FillRecord[];
  readonly snapshots: readonly PortfolioSnapshot[];
}

/** How many rows of each kind. */
export interface RowCounts {
  readonly orders: number;
  readonly fills: number;
  readonly snapshots: number;
}

export interface StoredImport extends RowCounts {
  readonly importId: string;
  readonly source: string;
  readonly atMs: number;
}

/** What changed hands: rows of one user that are another's now. */
export interface Reassignment extends RowCounts {
  readonly attempts: number;
  readonly configuration: number;
  readonly credentials: number;
}

/** Rows on their way in, back out, and from one user to another. */
export interface TransferStore {
  /**
   * Writes what is not there yet, in one transaction, and leaves what is there as it is. Orders count as there by
   * client order id, fills by broker, account and fill id, snapshots by account, kind and moment.
   *
   * @returns how many were written
   * @throws {AlgoError} `ALGO_STORE_CONFLICT` when the import id was used before; `ALGO_INVALID_INPUT` when a row is of
   * another user or another import
   */
  import(batch: ImportBatch): Promise<RowCounts>;
  /** Newest first. */
  listImports(userId: string): Promise<readonly StoredImport[]>;
  /**
   * Takes an import and its rows away again, in one transaction; null when there is no such import. An order that was
   * seen at its broker since stays.
   */
  rollback(userId: string, importId: string, audit?: AuditEntry): Promise<RowCounts | null>;
  /**
   * Hands everything of one user to another, in one transaction: attempts, orders, fills, snapshots, imports,
   * configuration. Sealed rows are bound to their user and cannot simply move: `credentials` are those of `from`, sealed
   * again for `to`, and must name every one of them at the version it has; sessions are dropped. Audit rows stay.
   *
   * @throws {AlgoError} `ALGO_STORE_CONFLICT` when `to` has any of it already, when an attempt of `from` is not at its
   * end, or when the credentials changed meanwhile
   */
  reassign(
    from: string,
    to: string,
    credentials: readonly CredentialRecord[],
    audit: readonly AuditEntry[],
  ): Promise<Reassignment>;
}
