/** More than this many within the time, and nobody logs in again by itself. */
const MOST = 3;
const WITHIN_MS = 600_000;

/** What is told of a session that another log-in ended. */
export interface Takeover {
  /** How often within ten minutes, this time included. */
  readonly times: number;
  /** It happened too often: two programs that throw each other out go on for ever. */
  readonly stopped: boolean;
}

/**
 * Counts how often another log-in ended this account's session. A refusal is a suspicion first: when the store holds a
 * newer session, a process of ours has made it, and nobody took anything over. Times are monotonic milliseconds.
 */
export class Takeovers {
  readonly #atMs: number[] = [];
  #suspected = false;

  /** A session that had worked was refused long before its end. */
  suspect(): void {
    this.#suspected = true;
  }

  /** Another session of ours was found in its place. */
  cleared(): void {
    this.#suspected = false;
  }

  /** There is no other session of ours, so that a log-in would have to be made. Null when none was suspected. */
  confirm(nowMs: number): Takeover | null {
    if (!this.#suspected) return null;
    this.#suspected = false;
    const recent = this.#atMs.filter((atMs) => nowMs - atMs < WITHIN_MS);
    this.#atMs.splice(0, this.#atMs.length, ...recent, nowMs);
    return { times: this.#atMs.length, stopped: this.#atMs.length > MOST };
  }

  /** A person asks for another try, or the credentials changed. */
  reset(): void {
    this.#atMs.length = 0;
    this.#suspected = false;
  }
}
