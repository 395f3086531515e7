import type { Holding, Position } from '../domain/portfolio.js';
import type { AccountKey } from './store.js';

/** What every snapshot says of itself. */
export interface Snapshot extends AccountKey {
  readonly takenAtMs: number;
  /** Null when it was read at the broker. */
  readonly importId: string | null;
}

/** What an account held at one moment. */
export type PortfolioSnapshot =
  | (Snapshot & { readonly kind: 'positions'; readonly rows: readonly Position[] })
  | (Snapshot & { readonly kind: 'holdings'; readonly rows: readonly Holding[] });

export type PortfolioKind = PortfolioSnapshot['kind'];

export interface PortfolioStore {
  /** Replaces one of the same account, kind and moment. */
  save(snapshot: PortfolioSnapshot): Promise<void>;
  latest(key: AccountKey, kind: PortfolioKind): Promise<PortfolioSnapshot | null>;
  /** Newest first, taken from `fromMs` on and before `toMs`. */
  list(
    key: AccountKey,
    kind: PortfolioKind,
    filter: { readonly limit: number; readonly fromMs?: number; readonly toMs?: number },
  ): Promise<readonly PortfolioSnapshot[]>;
  /** Takes away what was taken before that moment. @returns how many */
  delete(key: AccountKey, kind: PortfolioKind, beforeMs: number): Promise<number>;
}
