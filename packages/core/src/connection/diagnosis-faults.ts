import type { AlgoErrorCode } from '../errors/codes.js';

/** A call that failed. Nothing of what was asked or answered. */
export interface FaultNote {
  readonly atMs: number;
  readonly lane: string;
  readonly code: AlgoErrorCode;
}

const KEPT = 20;

/** The last failures of one connection. Holds nothing until there is one. */
export class FaultRing {
  #notes: FaultNote[] | null = null;

  note(fault: FaultNote): void {
    this.#notes ??= [];
    this.#notes.push(fault);
    if (this.#notes.length > KEPT) this.#notes.shift();
  }

  /** Newest first. */
  list(): readonly FaultNote[] {
    return (this.#notes ?? []).toReversed();
  }
}
