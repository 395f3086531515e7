import type { CommandReply } from '../contract/broker-adapter.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { GateRefusal } from '../domain/order-outcome.js';
import type { Deadline } from '../resilience/deadline.js';
import type { Call } from '../transport/call.js';

/** A command on its way through the gate. */
export class Command {
  readonly deadline: Deadline;
  readonly urgency: 'entry' | 'exit';
  readonly send: (row: AttemptRow, call: Call) => Promise<CommandReply>;
  /** What has to be known before it can be sent, asked before it waits in line; the reason when it cannot be. */
  readonly prepare: (() => Promise<GateRefusal | null>) | null;
  /** As it was made; the claim writes it with its state and times. */
  readonly row: AttemptRow;
  /** True when its INTENT row is in the journal already. */
  readonly journalled: boolean;
  #claimed = false;
  #stopped = false;

  constructor(options: CommandOptions) {
    this.deadline = options.deadline;
    this.urgency = options.urgency;
    this.send = options.send;
    this.prepare = options.prepare ?? null;
    this.row = options.row;
    this.journalled = options.journalled;
  }

  /** Takes it out of the line while it waits; false once it is claimed, when only a cancel at the broker helps. */
  stop(): boolean {
    if (this.#claimed) return false;
    this.#stopped = true;
    this.deadline.expire();
    return true;
  }

  claim(): void {
    this.#claimed = true;
  }

  get stopped(): boolean {
    return this.#stopped;
  }
}

export type CommandOptions = Pick<Command, 'deadline' | 'urgency' | 'send' | 'row' | 'journalled'> &
  Partial<Pick<Command, 'prepare'>>;
