import { inspect } from 'node:util';

const BRAND = Symbol.for('algo.secret');
const MASK = '[secret]';

/**
 * A value that must not be seen. It prints, logs and serialises as a mask; only `reveal()` gives the text, and every
 * use of `reveal()` in the tree is one that puts it on the wire or seals it.
 */
export class Secret {
  readonly [BRAND] = true;
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}

/** True for a secret, from whichever copy of core it came. */
export function isSecret(value: unknown): value is Secret {
  return typeof value === 'object' && value !== null && BRAND in value;
}
