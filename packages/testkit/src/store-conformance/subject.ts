import type { StoreDefinition } from '@algo/core/store';

/** A kind of store, as the suite needs it. */
export interface StoreSubject {
  readonly name: string;
  /** A new, empty place for data; called once per test. */
  create(): Promise<StorePlace>;
}

/** One place where a store keeps data. */
export interface StorePlace {
  /** A definition on that place; opened again it finds what was written. */
  readonly definition: StoreDefinition;
  /** True when two opened stores may share the place at once. */
  readonly shared: boolean;
  /** Every byte the store keeps (files, write-ahead logs, or a dump), to look for what must not be in clear; null when there are none. */
  bytes(): Promise<Uint8Array | null>;
  /**
   * Rows of a plain SQL query behind the store's back; null for a store without SQL. The tables are `credentials`,
   * `sessions`, `configuration`, `attempts`, `sightings`, `fills`, `snapshots`, `instruments`, `instrument_masters`,
   * `audit`, `leases`, `budgets` and `imports`, with the names of the contract in snake case as columns.
   */
  readonly sql: ((query: string) => Promise<readonly Readonly<Record<string, unknown>>[]>) | null;
  dispose(): Promise<void>;
}

export interface StoreConformanceOptions {
  /** How many users share one store in the leak tests. @default 100 */
  readonly users?: number;
  /** True for a store that nobody can look into, so that it has neither `bytes` nor `sql`. @default false */
  readonly opaque?: boolean;
}
