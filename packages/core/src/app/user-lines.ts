import type { ConnectionRef } from '../domain/order.js';
import { endLine } from './line.js';
import type { Line } from './line.js';

export interface UserLinesOptions {
  /** Builds a connection of this user; nothing is sent yet. */
  readonly connect: (ref: ConnectionRef) => Promise<Line>;
  /** Before one more is made. @throws {AlgoError} `ALGO_TOO_MANY` */
  readonly assertRoomFor: (lines: number) => void;
}

/** One user's connections: made once each, however many ask, and ended all or by broker. */
export class UserLines {
  readonly #options: UserLinesOptions;
  readonly #lines = new Map<string, Promise<Line>>();
  #built: readonly Line[] = [];

  constructor(options: UserLinesOptions) {
    this.#options = options;
  }

  /** Those that were built, whatever their state. */
  get built(): readonly Line[] {
    return this.#built;
  }

  of({ broker, account }: ConnectionRef): Line | null {
    return this.#built.find(({ connection }) => connection.broker === broker && connection.account === account) ?? null;
  }

  make(ref: ConnectionRef): Promise<Line> {
    const key = keyOf(ref);
    let line = this.#lines.get(key);
    if (line === undefined) {
      this.#options.assertRoomFor(this.#lines.size + 1);
      line = this.#options.connect(ref).then(
        (built) => {
          this.#built = [...this.#built, built];
          return built;
        },
        (error: unknown) => {
          this.#lines.delete(key); // an unknown broker or a store that failed to open may be mended
          throw error;
        },
      );
      this.#lines.set(key, line);
    }
    return line;
  }

  /** For good: connected again, they are made anew. */
  async endOf(broker: string): Promise<void> {
    const pending = [...this.#lines].filter(([key]) => brokerOfKey(key) === broker);
    for (const [key] of pending) this.#lines.delete(key);
    await Promise.allSettled(pending.map(([, line]) => line));
    const ended = this.#built.filter(({ connection }) => connection.broker === broker);
    this.#built = this.#built.filter((line) => !ended.includes(line));
    await Promise.all(ended.map(endLine));
  }

  /** @param keep whether they can still be looked at afterwards, as a closed manager's can */
  async endAll(keep: boolean): Promise<void> {
    await Promise.allSettled(this.#lines.values()); // one that is being built is ended with the others
    const ended = this.#built;
    if (!keep) {
      this.#lines.clear();
      this.#built = [];
    }
    await Promise.all(ended.map(endLine));
  }
}

const keyOf = ({ broker, account }: ConnectionRef): string => JSON.stringify([broker, account]);

const brokerOfKey = (key: string): unknown => {
  const parts: unknown = JSON.parse(key);
  return Array.isArray(parts) ? parts[0] : null;
};
