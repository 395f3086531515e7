import type { FaultKind } from './faults.js';
import type { Operation } from './operations.js';

/** One request as the simulator got it, bad tokens and unknown paths included. */
export interface ReceivedRequest {
  /** Simulator time, epoch milliseconds. */
  readonly atMs: number;
  readonly broker: string;
  readonly operation: Operation;
  readonly method: string;
  /** With the query, exactly as sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The fault that hit it, or `null`. */
  readonly fault: FaultKind['kind'] | null;
}
