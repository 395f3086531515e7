import type { Clock } from '../runtime/clock.js';

const LOOK_MS = 1_000;

/**
 * Looks once a second at every router whose calls are not where they belong, on one timer for all of them; on none while
 * there are none.
 */
export class RecoveryWatch {
  readonly #clock: Clock;
  readonly #looks = new Set<() => void>();
  #cancel: (() => void) | null = null;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns what ends it */
  add(look: () => void): () => void {
    this.#looks.add(look);
    this.#arm();
    return () => {
      this.#looks.delete(look);
      if (this.#looks.size === 0) this.#disarm();
    };
  }

  close(): void {
    this.#closed = true;
    this.#looks.clear();
    this.#disarm();
  }

  #arm(): void {
    if (this.#closed || this.#looks.size === 0) return;
    this.#cancel ??= this.#clock.after(LOOK_MS, () => this.#lookAll(), { background: true });
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #lookAll(): void {
    this.#cancel = null;
    const failures: unknown[] = [];
    for (const look of Array.from(this.#looks)) {
      try {
        look();
      } catch (error) {
        failures.push(error); // other users' calls have to find back too
      }
    }
    this.#arm();
    if (failures.length > 0) throw failures[0];
  }
}
