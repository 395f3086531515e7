import { isCleanData } from './clean-data.js';
import { describeError } from './codes.js';
import type { AlgoErrorCode, AlgoErrorDetails, Effect } from './codes.js';

/** Shared by every copy of core in a process, so that an error is known by its brand and not by its class. */
const BRAND = Symbol.for('algo.error');

/** The brand, five fields, and `message` and `stack` of every error. */
const OWN_KEYS = 8;

/**
 * The one error class. `code` is stable and narrows `details`; `effect` says what the call did at the broker.
 *
 * Nothing in it comes from a header, a body or an options object, so it can be logged as it is.
 */
export class AlgoError<Code extends AlgoErrorCode = AlgoErrorCode> extends Error {
  readonly [BRAND] = true;
  override readonly name = 'AlgoError';
  readonly code: Code;
  readonly details: AlgoErrorDetails[Code];
  readonly effect: Effect;
  /** Where the guide explains this code. */
  readonly help: string;

  constructor(code: Code, details: AlgoErrorDetails[Code], effect: Effect = 'none') {
    super(describeError(code, details));
    this.code = code;
    this.details = details;
    this.effect = effect;
    this.help = `docs/guide/errors.md#${code.toLowerCase()}`;
  }

  /** Same failure, other effect: the gate knows more about what was sent than whoever raised the error. */
  withEffect(effect: Effect): AlgoError<Code> {
    return effect === this.effect ? this : new AlgoError(this.code, this.details, effect);
  }

  /**
   * Same failure with every text in it passed through `scrub`, the message too. It is this very error where that changes
   * nothing: a second stack would cost more than the rest of a failed call.
   */
  scrubbed(scrub: (text: string) => string): AlgoError<Code> {
    if (this.#isOnlyOurs() && isCleanData(this.details, scrub)) return this;
    const details: AlgoErrorDetails[Code] = JSON.parse(JSON.stringify(this.details), (_key, value: unknown) =>
      typeof value === 'string' ? scrub(value) : value,
    );
    return new AlgoError(this.code, details, this.effect);
  }

  /** Nobody attached a cause or anything else to it, or changed its message. */
  #isOnlyOurs(): boolean {
    return Reflect.ownKeys(this).length === OWN_KEYS && this.message === describeError(this.code, this.details);
  }

  toJSON(): { code: Code; message: string; details: AlgoErrorDetails[Code]; effect: Effect; help: string } {
    return { code: this.code, message: this.message, details: this.details, effect: this.effect, help: this.help };
  }
}

/** One member per code, so that comparing `code` narrows `details`. */
export type AnyAlgoError = { [Code in AlgoErrorCode]: AlgoError<Code> }[AlgoErrorCode];

/** True for an error of this SDK, from whichever copy of core it came. */
export function isAlgoError(error: unknown): error is AnyAlgoError {
  return typeof error === 'object' && error !== null && BRAND in error;
}
