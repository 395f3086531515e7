import type { Clock } from '../runtime/clock.js';

/** A connection whose session is to be looked after while nobody calls. */
export interface WatchedSession {
  /** Whether anything is to be done now. Cheap: asked of every connection, every time. */
  isDue(nowMs: number): boolean;
  /** Does it. Never rejects. */
  look(nowMs: number): Promise<void>;
}

const EVERY_MS = 15_000;
/** Renewals under way at once: thousands of sessions end at the same minute of the day. */
const AT_ONCE = 8;

/**
 * Renews sessions ahead of their end also where nobody calls: one timer for all connections of a manager, and none while
 * there are none. It keeps no process alive.
 */
export class SessionWatch {
  readonly #clock: Clock;
  readonly #watched = new Set<WatchedSession>();
  readonly #looking = new Set<WatchedSession>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns what ends it. */
  add(session: WatchedSession): () => void {
    this.#watched.add(session);
    this.#wait();
    return () => {
      this.#watched.delete(session);
      if (this.#watched.size === 0) this.close();
    };
  }

  close(): void {
    this.#watched.clear();
    this.#cancel?.();
    this.#cancel = null;
  }

  #wait(): void {
    this.#cancel ??= this.#clock.after(EVERY_MS, () => this.#tick(), { background: true });
  }

  #tick(): void {
    this.#cancel = null;
    if (this.#watched.size > 0) this.#wait();
    this.#lookAround();
  }

  /** As many as may be at once; each that ends makes room for the next. */
  #lookAround(): void {
    const now = this.#clock.now();
    for (const session of this.#watched) {
      if (this.#looking.size >= AT_ONCE) return;
      if (!this.#looking.has(session) && session.isDue(now)) this.#look(session, now);
    }
  }

  #look(session: WatchedSession, nowMs: number): void {
    this.#looking.add(session);
    this.#watched.delete(session); // last in line from now on: those of a broker that hangs come up again and again
    this.#watched.add(session);
    void session.look(nowMs).finally(() => {
      const wasFull = this.#looking.size >= AT_ONCE;
      this.#looking.delete(session);
      if (wasFull) this.#lookAround();
    });
  }
}
