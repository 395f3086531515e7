/** Bounds of a read, for a caller with other brokers to ask. */
export interface ReadLimit {
  readonly deadlineMs: number;
  /** How often it is tried; null: as often as the connection does by itself. */
  readonly tries: number | null;
}
