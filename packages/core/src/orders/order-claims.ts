import type { AttemptMove, AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { GateRefusal } from '../domain/order-outcome.js';
import { createDayTeller } from '../domain/time.js';
import type { Deadline } from '../resilience/deadline.js';
import type { CommandUrgency } from '../resilience/urgency.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { followedUntil, writeDetail } from './attempt-detail.js';
import type { Command } from './command.js';
import type { JournalWriter } from './journal-writer.js';

/** What the journal says to a command that wants to go. */
export type Claim =
  /** The row is durable in state SUBMITTING: this command, and no other, may be sent. */
  | { readonly kind: 'claimed'; readonly row: AttemptRow }
  /** The id was used before; this is what became of that. */
  | { readonly kind: 'used'; readonly row: AttemptRow }
  /** Nothing was sent, and the journal knows of nothing sent under this id. */
  | { readonly kind: 'refused'; readonly why: GateRefusal }
  /** The journal neither took the row nor could be read: whether the id was used before is not known. */
  | { readonly kind: 'unclear' };

export interface OrderClaimsOptions {
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A cancel reduces risk: it waits this long for the journal at most, and then goes without it. */
const EXIT_PATIENCE_MS = 500;
/** A refusal is written down even when its deadline has passed, if that is quick. */
const REFUSAL_PATIENCE_MS = 50;
const ASK_AGAIN_MS = 1_000;

/** The compare and set that makes a send unique, and what is certain when the journal fails at it. */
export class OrderClaims {
  readonly #options: OrderClaimsOptions;
  readonly #dayOf = createDayTeller();
  /** Claims that the journal has not answered yet, by tag. */
  readonly #writing = new Set<string>();
  #closed = false;

  constructor(options: OrderClaimsOptions) {
    this.#options = options;
  }

  /** Answers at the command's deadline, whatever the journal does. */
  async claim(command: Command): Promise<Claim> {
    const { clock } = this.#options;
    const { tag } = command.row;
    // Whatever comes of the one before, it would be taken for the claim of this one.
    if (this.#writing.has(tag)) return { kind: 'refused', why: 'journal-unavailable' };
    const left = command.deadline.remainingMs();
    const now = clock.now();
    const row: AttemptRow = {
      ...command.row,
      state: 'SUBMITTING',
      sendByMs: Math.ceil(now + left),
      tradingDay: this.#dayOf(now),
    };
    const write = this.#write(command, row);
    if (command.urgency !== 'cancel') {
      this.#writing.add(tag);
      void write.then(() => this.#writing.delete(tag));
    }
    const claim = await (command.urgency === 'cancel'
      ? this.#within(write, Math.min(EXIT_PATIENCE_MS, left / 2))
      : beforeItIsOver(write, command.deadline));
    if (claim !== null) return claim;
    if (command.urgency !== 'cancel') void write.then((late) => this.#undo(late)); // too late to be sent
    return { kind: 'unclear' };
  }

  /** Writes down that the gate refused it, so that the same id gives the same answer again. */
  async refuse(command: Command, why: GateRefusal): Promise<Claim> {
    const detail = writeDetail(followedUntil({ kind: 'proof', proof: { by: 'gate', why } }, command.followsUntilMs));
    const row: AttemptRow = { ...command.row, state: 'NOT_SENT', detail };
    const patience = Math.max(REFUSAL_PATIENCE_MS, command.deadline.remainingMs());
    const claim = await this.#within(this.#add(row), patience);
    return claim?.kind === 'claimed' ? { kind: 'refused', why } : (claim ?? { kind: 'unclear' });
  }

  /** Asks the journal until it answers: what became of this id, or that nothing did. Null when the manager closed first. */
  async whenAnswered(row: AttemptRow): Promise<Claim | null> {
    while (!this.#closed) {
      const claim = await this.#whatIsKnown(row);
      if (claim.kind !== 'unclear') return claim;
      await new Promise<void>((resolve) => void this.#options.clock.after(ASK_AGAIN_MS, resolve, { background: true }));
    }
    return null;
  }

  close(): void {
    this.#closed = true;
  }

  #write(command: Command, row: AttemptRow): Promise<Claim> {
    return command.journalled ? this.#move(row, command.urgency) : this.#add(row, command.urgency);
  }

  async #add(row: AttemptRow, urgency: CommandUrgency = 'entry'): Promise<Claim> {
    try {
      const added = await this.#options.journal.add(row);
      return added.kind === 'added' ? { kind: 'claimed', row } : { kind: 'used', row: added.row };
    } catch (error) {
      return this.#afterFailure(row, error, urgency);
    }
  }

  async #move(row: AttemptRow, urgency: CommandUrgency): Promise<Claim> {
    const { tag, userId, owner, brokerOrderId, sendByMs } = row;
    const move: AttemptMove = {
      tag,
      userId,
      owner,
      from: 'INTENT',
      to: 'SUBMITTING',
      atMs: this.#options.clock.now(),
      ...(sendByMs === null ? {} : { sendByMs }),
      ...(brokerOrderId === null ? {} : { brokerOrderId }),
    };
    try {
      const moved = await this.#options.journal.move(move);
      return moved ? { kind: 'claimed', row } : await this.#takenFrom(row);
    } catch (error) {
      return this.#afterFailure(row, error, urgency);
    }
  }

  /** Another process was there first: it sends the command, or has decided that nobody does. */
  async #takenFrom({ userId, tag }: AttemptRow): Promise<Claim> {
    const row = await this.#options.journal.byTag(userId, tag);
    const isDropped = row === null || row.state === 'NOT_SENT';
    return isDropped ? { kind: 'refused', why: 'cancelled' } : { kind: 'used', row };
  }

  #afterFailure(row: AttemptRow, error: unknown, urgency: CommandUrgency = 'entry'): Promise<Claim> {
    this.#options.logger.error('journal-claim-failed', { tag: row.tag, error: errorName(error) });
    return this.#whatIsKnown(row, urgency);
  }

  /** A full disk can still be read: often it tells that the id is unused, or that the row got there after all. */
  async #whatIsKnown(row: AttemptRow, urgency: CommandUrgency = 'entry'): Promise<Claim> {
    const { journal, writer } = this.#options;
    try {
      const rows = await journal.attemptsOf(row.userId, row.clientOrderId);
      const twin = rows.find(({ kind, number }) => kind === row.kind && number === row.number);
      const isAnothers = twin?.tag !== row.tag || (twin.state === 'SUBMITTING' && twin.owner !== row.owner);
      if (twin !== undefined && isAnothers) return { kind: 'used', row: writer.see(twin) };
      if (twin?.state === 'SUBMITTING' && urgency === 'cancel') return { kind: 'claimed', row };
      if (twin?.state === 'SUBMITTING') this.#undo({ kind: 'claimed', row });
      return { kind: 'refused', why: 'journal-unavailable' };
    } catch {
      return { kind: 'unclear' };
    }
  }

  /** A claim nobody will use. */
  #undo(claim: Claim): void {
    if (claim.kind !== 'claimed' || claim.row.state !== 'SUBMITTING') return;
    const detail = writeDetail({ kind: 'proof', proof: { by: 'gate', why: 'journal-unavailable' } });
    this.#options.writer.move(claim.row, 'proven-unsent', { detail });
  }

  /** Null when the journal took longer. */
  #within(work: Promise<Claim>, patienceMs: number): Promise<Claim | null> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(patienceMs, () => resolve(null));
      void work.then((claim) => {
        cancel();
        resolve(claim);
      });
    });
  }
}

/** Null when the deadline passed first. */
function beforeItIsOver(work: Promise<Claim>, deadline: Deadline): Promise<Claim | null> {
  return new Promise((resolve) => {
    deadline.onOver(() => resolve(null));
    void work.then(resolve);
  });
}
