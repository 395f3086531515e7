/** What a box has room for. */
const LARGEST = 0xffff_ffff;

/**
 * The version of the next write of a sealed record. The first one after nothing starts at the clock, in seconds, and not
 * at 1: after a delete it lies above the versions the account had, so that its old rows, put back, stay shut. That holds
 * unless it was written more often than once a second, or is put again within the second of its delete: whoever
 * remembers the deleted version goes above that one too.
 */
export const nextVersion = (known: number | null, nowMs: number): number =>
  known === null ? Math.min(Math.max(1, Math.floor(nowMs / 1_000)), LARGEST) : known + 1;
