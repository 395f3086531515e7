import type { Connection } from '../connection/connection.js';
import type { AttemptRow } from '../contract/order-journal.js';
import type { GateRefusal, OrderOutcome } from '../domain/order-outcome.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { CallResult } from '../resilience/circuit-breaker.js';
import type { Deadline } from '../resilience/deadline.js';
import { reducesRisk } from '../resilience/urgency.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Call } from '../transport/call.js';
import type { AcknowledgedOrders } from './acknowledged-orders.js';
import { detailOf, followedUntil, writeDetail } from './attempt-detail.js';
import type { Command, Existing } from './command.js';
import { judge, readReply } from './command-outcome.js';
import type { CommandEnd, Verdict } from './command-outcome.js';
import type { JournalWriter } from './journal-writer.js';
import type { Claim, OrderClaims } from './order-claims.js';
import type { EmitOrderEvent } from './order-events.js';
import { lastWord, outcomeOfRow } from './outcome-of-row.js';
import type { Reconciler } from './reconciler.js';

export interface OrderGateOptions {
  readonly connection: Connection;
  readonly claims: OrderClaims;
  readonly writer: JournalWriter;
  readonly reconciler: Reconciler;
  readonly acknowledged: AcknowledgedOrders;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
  /** Whether new orders may leave from this connection's address. @default true */
  readonly mayTrade?: () => boolean;
}

/**
 * The one way for an order command to a broker. In this order: what must be known first, a place in the lane, the journal's claim made durable,
 * the send, the verdict. Whatever happens, it ends as one of the five outcomes at its deadline.
 */
export class OrderGate {
  readonly connection: Connection;
  readonly #options: OrderGateOptions;
  #open = false;
  #held = false;

  constructor(options: OrderGateOptions) {
    this.connection = options.connection;
    this.#options = options;
  }

  /** The account's book has been read: entries may go. Cancels may always. */
  open(): void {
    this.#open = true;
  }

  /** Whether entries were ever let through. */
  get hasOpened(): boolean {
    return this.#open;
  }

  get isOpen(): boolean {
    return this.#open && !this.#held;
  }

  /** The journal is not what it was: no entry goes before `release`, whatever is read meanwhile. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
  }

  /** @throws {AlgoError} `ALGO_CLIENT_ORDER_ID_REUSED`; everything else is an outcome. */
  async run(command: Command): Promise<OrderOutcome> {
    if (!this.isOpen && command.urgency !== 'cancel') return this.#refuse(command, 'not-reconciled');
    if (!reducesRisk(command.urgency) && !this.#mayTrade()) return this.#refuse(command, 'shared-egress');
    const lacking = command.prepare === null ? null : await command.prepare();
    if (lacking !== null) return this.#refuse(command, command.stopped ? 'cancelled' : lacking);
    let call: Call;
    try {
      const begun = this.connection.runner.beginCommand(command.urgency, command.deadline);
      call = begun instanceof Promise ? await begun : begun;
    } catch (error) {
      return this.#refuse(command, command.stopped ? 'cancelled' : refusalOf(error));
    }
    if (isTooLate(command.deadline)) {
      this.connection.runner.finishCommand(call, null, null);
      return this.#refuse(command, command.stopped ? 'cancelled' : 'deadline');
    }
    command.claim();
    const claim = await this.#options.claims.claim(command);
    // By the clock: in a process that stood still no timer has fired yet.
    if (claim.kind === 'claimed' && command.deadline.remainingMs() > 0) return this.#send(command, claim.row, call);
    if (this.#goesWithoutJournal(command, claim))
      return this.#send(command, { ...command.row, state: 'SUBMITTING' }, call);
    this.connection.runner.finishCommand(call, null, null);
    if (claim.kind !== 'used') return this.#notClaimed(command, claim);
    const { row, outcome } = await this.#existing(command, claim.row);
    return this.#ifItEndsInTime(command, row, outcome);
  }

  #mayTrade(): boolean {
    return this.#options.mayTrade?.() ?? true;
  }

  async #send(command: Command, row: AttemptRow, call: Call): Promise<OrderOutcome> {
    const { runner } = this.connection;
    const end = await this.#endOf(command, row, call);
    call.end(); // from here on nothing of it can be written, so what the record shows is final
    if (this.connection.usesOwnClient) call.record.loseSight();
    const verdict = this.#scrubbed(this.#believed(row, judge(end, call.record)));
    runner.finishCommand(call, resultOf(verdict), end.kind === 'threw' ? end.code : null);
    const outcome = this.#conclude(row, verdict, command.followsUntilMs);
    if (verdict.event === 'acknowledged') runner.sessionWorked(call.session);
    if (verdict.event === 'rejected' && verdict.reason === 'session') {
      runner.sessionRefused(call.session).catch((error: unknown) => {
        this.#options.logger.error('session-not-dropped', { error: errorName(error) });
      });
    }
    return outcome;
  }

  /** An order id that another order of ours has today says nothing about this one. */
  #believed(row: AttemptRow, verdict: Verdict): Verdict {
    if (verdict.event !== 'acknowledged' || row.kind !== 'place') return verdict;
    const owner = this.#options.acknowledged.ownerOf(verdict.brokerOrderId, row.createdAtMs);
    if (owner === null || owner === row.clientOrderId) return verdict;
    return { event: 'lost-sight', why: 'it was acknowledged with the order id of another order' };
  }

  /** How the adapter's part ended, at the latest when the deadline passes. */
  #endOf(command: Command, row: AttemptRow, call: Call): Promise<CommandEnd> {
    const { runner } = this.connection;
    const threw = (error: unknown): CommandEnd => ({ kind: 'threw', code: runner.failureOf(error).code });
    return new Promise((resolve) => {
      command.deadline.onOver(() => resolve({ kind: 'overdue' }));
      try {
        command.send(row, call).then(
          (reply: unknown) => resolve({ kind: 'reply', reply: readReply(reply) }),
          (error: unknown) => resolve(threw(error)),
        );
      } catch (error) {
        resolve(threw(error));
      }
    });
  }

  #conclude(row: AttemptRow, verdict: Verdict, followsUntilMs: number | null = null): OrderOutcome {
    const { writer, reconciler, acknowledged, logger } = this.#options;
    const detail = detailOf(verdict);
    const brokerOrderId = verdict.event === 'acknowledged' ? verdict.brokerOrderId : null;
    const moved = writer.move(row, verdict.event, {
      ...(detail === null ? {} : { detail: writeDetail(followedUntil(detail, followsUntilMs)) }),
      ...(brokerOrderId === null ? {} : { brokerOrderId }),
    });
    const after = moved ?? row;
    if (brokerOrderId !== null && row.kind === 'place') {
      acknowledged.remember(row.clientOrderId, brokerOrderId, after.updatedAtMs);
    }
    if (verdict.event === 'lost-sight') logger.warn('order-outcome-unknown', { tag: row.tag, why: verdict.why });
    this.#tell(after);
    return outcomeOfRow(after, () => reconciler.watch(after));
  }

  /** A cancel that the journal cannot take reduces risk all the same: it is sent. */
  #goesWithoutJournal({ urgency, deadline, row }: Command, claim: Claim): boolean {
    const failed = claim.kind === 'unclear' || (claim.kind === 'refused' && claim.why === 'journal-unavailable');
    if (urgency !== 'cancel' || !failed || deadline.over) return false;
    this.#options.logger.error('cancel-without-journal', { tag: row.tag });
    return true;
  }

  #notClaimed(command: Command, claim: Exclude<Claim, { kind: 'used' }>): OrderOutcome {
    const { row, stopped } = command;
    switch (claim.kind) {
      case 'claimed':
        return this.#conclude(claim.row, {
          event: 'proven-unsent',
          proof: { by: 'gate', why: stopped ? 'cancelled' : 'deadline' },
        });
      case 'refused':
        return this.#notSent(row, claim.why);
      case 'unclear':
        return this.#unclear(command);
    }
  }

  /** Refused before anything could be sent. A journalled command keeps its row: whoever journalled it decides. */
  async #refuse(command: Command, why: GateRefusal): Promise<OrderOutcome> {
    if (command.journalled) return this.#notSent(command.row, why);
    const claim = await this.#options.claims.refuse(command, why);
    if (claim.kind === 'used') return (await this.#existing(command, claim.row)).outcome;
    if (claim.kind === 'unclear') return this.#unclear(command);
    this.#tell({ ...command.row, state: 'NOT_SENT' });
    return this.#notSent(command.row, why);
  }

  /** The client order id was used before: the same order gets its answer again, another one is an error. */
  async #existing({ row: asked, existing, deadline }: Command, found: AttemptRow): Promise<Existing> {
    if (existing !== null) return existing(found, deadline);
    const { writer, reconciler } = this.#options;
    const row = writer.see(found);
    if (!this.#isSame(asked, row))
      throw new AlgoError('ALGO_CLIENT_ORDER_ID_REUSED', { clientOrderId: asked.clientOrderId });
    return { row, outcome: outcomeOfRow(row, () => reconciler.settledOf(row)) };
  }

  /** The same order is on its way from another process: its answer is this one's too, if it comes by the deadline. */
  #ifItEndsInTime({ deadline, row: asked }: Command, row: AttemptRow, outcome: OrderOutcome): Promise<OrderOutcome> {
    const isUnderway = row.state === 'SUBMITTING' && row.owner !== asked.owner;
    if (outcome.kind !== 'unknown' || !isUnderway) return Promise.resolve(outcome);
    return new Promise((resolve) => {
      deadline.onOver(() => resolve(outcome));
      void outcome.settled.then(resolve);
    });
  }

  /**
   * This call sent nothing. Whether an earlier one did, under the same id, only the journal knows, and it does not
   * answer: so nothing is claimed until it does.
   */
  #unclear(command: Command): OrderOutcome {
    const { row } = command;
    command.loseClaim();
    const asked: AttemptRow = { ...row, state: 'AMBIGUOUS' };
    const settled = this.#options.claims.whenAnswered(row).then(async (claim) => {
      if (claim === null) return lastWord(asked);
      if (claim.kind !== 'used') return this.#notSent(row, 'journal-unavailable');
      // That of another order under the same id says nothing about this one, which was not sent.
      const repeated = await this.#existing(command, claim.row).catch(() => null);
      return repeated?.outcome ?? this.#notSent(row, 'journal-unavailable');
    });
    return outcomeOfRow(asked, () => settled);
  }

  #isSame(asked: AttemptRow, row: AttemptRow): boolean {
    return row.request === asked.request && row.broker === asked.broker && row.account === asked.account;
  }

  #tell({ clientOrderId, kind: command, state, brokerOrderId, updatedAtMs: atMs }: AttemptRow): void {
    const { broker, account } = this.connection;
    this.#options.emit('order-changed', {
      clientOrderId,
      connection: { broker, account },
      command,
      state,
      brokerOrderId,
      atMs,
    });
  }

  #notSent({ clientOrderId }: AttemptRow, why: GateRefusal): OrderOutcome {
    return { kind: 'not-sent', clientOrderId, proof: { by: 'gate', why } };
  }

  /** Every text that came from the broker or the adapter. */
  #scrubbed(verdict: Verdict): Verdict {
    const scrub = (text: string): string => this.connection.runner.scrub(text);
    switch (verdict.event) {
      case 'acknowledged':
        return verdict;
      case 'rejected': {
        const brokerCode = verdict.brokerCode === null ? null : scrub(verdict.brokerCode);
        return { ...verdict, brokerCode, brokerText: scrub(verdict.brokerText) };
      }
      case 'lost-sight':
        return { ...verdict, why: scrub(verdict.why) };
      case 'proven-unsent': {
        const { proof } = verdict;
        return proof.by === 'send-record' ? { ...verdict, proof: { ...proof, cause: scrub(proof.cause) } } : verdict;
      }
    }
  }
}

/**
 * With almost no time left a send would end as an unknown outcome for sure, so a command that got its place too late is
 * not sent at all: less than 50 ms, or a tenth of a short deadline.
 */
const isTooLate = (deadline: Deadline): boolean => deadline.remainingMs() < Math.min(50, deadline.lengthMs / 10);

/** What a verdict tells the breaker: a refusal is an answer, an order nobody can account for is trouble. */
function resultOf(verdict: Verdict): CallResult {
  switch (verdict.event) {
    case 'acknowledged':
      return 'success';
    case 'rejected':
      return verdict.reason === 'broker-down' ? 'failure' : 'success';
    case 'proven-unsent':
      return 'failure';
    case 'lost-sight':
      return 'unknown';
  }
}

function refusalOf(error: unknown): GateRefusal {
  if (!isAlgoError(error)) return 'not-connected';
  switch (error.code) {
    case 'ALGO_DEADLINE':
      return 'deadline';
    case 'ALGO_RATE_LIMITED':
      return error.details.family === 'auth' ? 'login-needed' : 'rate-limited';
    case 'ALGO_CIRCUIT_OPEN':
      return 'circuit-open';
    case 'ALGO_LOGIN_NEEDED':
    case 'ALGO_LOGIN_REFUSED':
    case 'ALGO_NO_CREDENTIALS':
    case 'ALGO_UNDECRYPTABLE':
    case 'ALGO_WRONG_ACCOUNT':
    case 'ALGO_SESSION_EXPIRED':
      return 'login-needed';
    default:
      return 'not-connected';
  }
}
