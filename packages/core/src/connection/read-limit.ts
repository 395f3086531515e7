/** Bounds of a read, for a caller with other brokers to ask. */
export interface ReadLimit {
  readonly deadlineMs: number;
  /**
   * How often it is tried, while there is somebody else to ask: that the deadline passes then is no failure of the broker
   * in its health. Null: as often as the connection does by itself, as for any other read.
   */
  readonly tries: number | null;
}
