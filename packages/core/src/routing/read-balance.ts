import type { ConnectionRef } from '../domain/order.js';
import { nameOf } from './routable.js';

/** Spreads reads: the connection with the fewest under way first, and among equals each in its turn. */
export class ReadBalance {
  readonly #underway = new Map<string, number>();
  #turn = 0;

  order<Source extends ConnectionRef>(sources: readonly Source[]): readonly Source[] {
    if (sources.length < 2) return sources;
    this.#turn = (this.#turn + 1) % sources.length;
    const turned = [...sources.slice(this.#turn), ...sources.slice(0, this.#turn)];
    return turned.sort((a, b) => this.#load(a) - this.#load(b));
  }

  /** Counts it for as long as the work lasts. */
  async during<Value>(source: ConnectionRef, work: Promise<Value>): Promise<Value> {
    const name = nameOf(source);
    this.#underway.set(name, this.#load(source) + 1);
    try {
      return await work;
    } finally {
      const left = this.#load(source) - 1;
      if (left > 0) this.#underway.set(name, left);
      else this.#underway.delete(name); // connections come and go
    }
  }

  #load(source: ConnectionRef): number {
    return this.#underway.get(nameOf(source)) ?? 0;
  }
}
