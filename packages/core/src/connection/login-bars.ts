import type { Clock } from '../runtime/clock.js';
import { LoginPause } from './login-pause.js';
import type { LoginSteps } from './login-steps.js';
import { Takeovers } from './takeovers.js';
import type { Takeover } from './takeovers.js';

export interface LoginBarsOptions {
  readonly clock: Clock;
  /** Another log-in ended the session. */
  readonly onTakeover: (takeover: Takeover) => void;
}

/** Everything that may stand between an account and its next log-in by itself. */
export class LoginBars {
  readonly #options: LoginBarsOptions;
  readonly #steps: LoginSteps;
  readonly #pause = new LoginPause();
  readonly #takeovers = new Takeovers();
  /** The broker answered for somebody else: nothing is signed any more until the credentials change. */
  #blocked = false;
  /** Why nobody but a person connects again; null while that is not so. */
  #stopped: string | null = null;
  /** How often it was taken over when nobody logged in again any more; null while that is not so. */
  #takenOver: number | null = null;

  constructor(options: LoginBarsOptions, steps: LoginSteps) {
    this.#options = options;
    this.#steps = steps;
  }

  get isBlocked(): boolean {
    return this.#blocked;
  }

  /** Whether a session that is held may be used on. */
  get mayUse(): boolean {
    return !this.#blocked && this.#stopped === null;
  }

  /** What is left of a pause, in milliseconds; 0 when there is none. */
  get pausedForMs(): number {
    return this.#pause.leftMs(this.#options.clock.monotonic());
  }

  /** The broker answered for another account. */
  block(): void {
    this.#blocked = true;
  }

  /** Nobody but a person connects again. @param why as the error tells it */
  stop(why: string): void {
    this.#stopped = why;
  }

  /** A log-in came to nothing, or what it made did. */
  failed(): void {
    this.#pause.failed(this.#options.clock.monotonic());
  }

  /** A session served a call. */
  worked(): void {
    this.#pause.reset();
  }

  /** A session that had worked was refused long before its end. */
  suspectTakeover(): void {
    this.#takeovers.suspect();
  }

  /** Another session of ours was found in its place. */
  noTakeover(): void {
    this.#takeovers.cleared();
  }

  /** A person asks for another try. */
  lift(): void {
    this.#stopped = null;
    this.#pause.end();
    this.#takenOver = null;
    this.#takeovers.reset();
  }

  /** A person logged in. */
  liftAll(): void {
    this.lift();
    this.#blocked = false;
  }

  /** The credentials changed. A log-out stays one. */
  changed(): void {
    this.#blocked = false;
    this.#pause.reset();
    this.#takenOver = null;
    this.#takeovers.reset();
  }

  /** @throws {AlgoError} why no session may be had now */
  assertOpen(): void {
    if (this.#blocked) throw this.#steps.wrongAccount();
    if (this.#stopped !== null) throw this.#steps.loginNeeded(this.#stopped);
    if (this.#takenOver !== null) throw this.#steps.takenOver(this.#takenOver);
  }

  /**
   * One new log-in is made by itself after another has ended the session, but two programs must not go on like that.
   *
   * @throws {AlgoError} why no log-in may be made now
   */
  assertMayLogIn(): void {
    const { clock, onTakeover } = this.#options;
    if (this.pausedForMs > 0) {
      const why = 'the broker refused a log-in or a session that was just made; it is tried again later';
      throw this.#steps.loginNeeded(why);
    }
    const takeover = this.#takeovers.confirm(clock.monotonic());
    if (takeover === null) return;
    onTakeover(takeover);
    if (!takeover.stopped) return;
    this.#takenOver = takeover.times;
    throw this.#steps.takenOver(takeover.times);
  }
}
