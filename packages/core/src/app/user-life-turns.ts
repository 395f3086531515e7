/** How many log-ins that start users make at the same time, over all of them: brokers and this machine take only so many. */
const AT_ONCE = 32;

/**
 * Lets so many works run at once; the others wait in line, first come first served. Every user has only a few in it, so
 * that one with many accounts, or with a broker that hangs, does not stand before all the others.
 */
export class StartTurns {
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number = AT_ONCE) {
    this.#atOnce = atOnce;
  }

  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next(); // it takes this place over
    }
  }
}
