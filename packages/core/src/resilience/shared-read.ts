/**
 * A read that several callers share, and that always begins after it was asked for: who asks while one is under way
 * waits for the next, together with everybody else who does. So no caller is shown what was true before it asked, and a
 * broker that allows one read a second is asked no more often than it can answer.
 */
export class SharedRead<Value> {
  readonly #read: () => Promise<Value>;
  #underway: Promise<Value> | null = null;
  #next: Promise<Value> | null = null;

  constructor(read: () => Promise<Value>) {
    this.#read = read;
  }

  ask(): Promise<Value> {
    if (this.#underway === null) return this.#begin();
    this.#next ??= this.#underway.then(
      () => this.#beginNext(),
      () => this.#beginNext(),
    );
    return this.#next;
  }

  #beginNext(): Promise<Value> {
    this.#next = null;
    return this.#begin();
  }

  #begin(): Promise<Value> {
    const underway = this.#read().finally(() => {
      if (this.#underway === underway) this.#underway = null;
    });
    this.#underway = underway;
    return underway;
  }
}
