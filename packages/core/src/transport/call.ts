import type { BrokerCall } from '../contract/call.js';
import type { BrokerSession } from '../contract/session.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Deadline } from '../resilience/deadline.js';
import type { Urgency } from '../resilience/urgency.js';
import type { Redactor } from '../runtime/redactor.js';
import type { Secret } from '../runtime/secret.js';
import type { Permit } from './lane.js';
import { SendRecord } from './send-record.js';

/** Core's side of a call into an adapter: its deadline, its place in the lane, and the record of what it sent. */
export class Call implements BrokerCall {
  readonly deadline: Deadline;
  readonly startedAtMs: number;
  /** Monotonic, for how long it took. */
  readonly beganMs: number;
  readonly record = new SendRecord();
  readonly urgency: Urgency;
  /** State of the lane's breaker when the call was let through. */
  readonly breakerEpoch: number;
  readonly #session: BrokerSession | null;
  readonly #who: { readonly broker: string; readonly account: string };
  readonly #redactor: Redactor;
  #guarded: Secret[] | null = null;
  #entered = false;
  #permit: Permit | null = null;
  #controller: AbortController | null = null;
  #endings: (() => void)[] | null = null;

  constructor(options: CallOptions) {
    this.deadline = options.deadline;
    this.startedAtMs = options.startedAtMs;
    this.beganMs = options.beganMs;
    this.urgency = options.urgency;
    this.breakerEpoch = options.breakerEpoch;
    this.#session = options.session;
    this.#who = options.who;
    this.#redactor = options.redactor;
  }

  get session(): BrokerSession {
    if (this.#session === null) throw new AlgoError('ALGO_LOGIN_NEEDED', { ...this.#who, why: 'no session yet' });
    return this.#session;
  }

  remainingMs(): number {
    return this.deadline.remainingMs();
  }

  /** Made on first use: an AbortController costs more than the rest of a call. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      const controller = new AbortController();
      this.#controller = controller;
      this.deadline.onOver(() => controller.abort());
    }
    return this.#controller.signal;
  }

  /** It got its place in a lane: whatever goes wrong from here on is not our own waiting. */
  entered(): void {
    this.#entered = true;
  }

  get hasEntered(): boolean {
    return this.#entered;
  }

  /** A place in the lane taken before the call began, for its first request. */
  hold(permit: Permit): void {
    this.#permit = permit;
  }

  takePermit(): Permit | null {
    const permit = this.#permit;
    this.#permit = null;
    return permit;
  }

  /** A secret made for this call alone, such as a one-time code: kept out of every text until the call is over. */
  guard(secret: Secret): void {
    this.#redactor.remember(secret);
    (this.#guarded ??= []).push(secret);
  }

  /** Runs `ending` when the call is over: a reply that is still being read ends with it. */
  onEnd(ending: () => void): void {
    (this.#endings ??= []).push(ending);
  }

  /** The call is over: nothing of it may be written any more, and a place it did not use is given back. */
  end(): void {
    this.record.seal();
    this.takePermit()?.release();
    for (const ending of this.#endings ?? []) ending();
    this.#endings = null;
    for (const secret of this.#guarded ?? []) this.#redactor.forget(secret);
    this.#guarded = null;
  }
}

export interface CallOptions {
  readonly deadline: Deadline;
  readonly startedAtMs: number;
  readonly beganMs: number;
  readonly session: BrokerSession | null;
  readonly urgency: Urgency;
  readonly breakerEpoch: number;
  readonly who: { readonly broker: string; readonly account: string };
  readonly redactor: Redactor;
}
