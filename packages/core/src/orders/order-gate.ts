import type { Connection } from '../connection/connection.js';
import type { CommandReply } from '../contract/broker-adapter.js';
import type { AttemptRow, OrderJournal } from '../contract/order-journal.js';
import type { GateRefusal, OrderOutcome } from '../domain/order-outcome.js';
import { createDayTeller } from '../domain/time.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { CallResult } from '../resilience/circuit-breaker.js';
import type { Deadline } from '../resilience/deadline.js';
import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Call } from '../transport/call.js';
import { UNSETTLED } from './attempt.js';
import { detailOf, writeDetail } from './attempt-detail.js';
import { judge } from './command-outcome.js';
import type { CommandEnd, Verdict } from './command-outcome.js';
import type { JournalWriter } from './journal-writer.js';
import type { EmitOrderEvent } from './order-events.js';
import { outcomeOfRow } from './outcome-of-row.js';
import type { Reconciler } from './reconciler.js';

export interface OrderGateOptions {
  readonly connection: Connection;
  readonly journal: OrderJournal;
  readonly writer: JournalWriter;
  readonly reconciler: Reconciler;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: EmitOrderEvent;
}

/** A command on its way through the gate. */
export class Command {
  readonly deadline: Deadline;
  readonly urgency: 'entry' | 'exit';
  readonly send: (row: AttemptRow, call: Call) => Promise<CommandReply>;
  /** As it will be claimed, and after that as it was. */
  row: AttemptRow;
  /** True when its INTENT row is in the journal already. */
  readonly journalled: boolean;
  #claimed = false;
  #stopped = false;

  constructor(options: Pick<Command, 'deadline' | 'urgency' | 'send' | 'row' | 'journalled'>) {
    this.deadline = options.deadline;
    this.urgency = options.urgency;
    this.send = options.send;
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

/**
 * The one way for an order command to a broker. In this order: a place in the lane, the journal's claim made durable,
 * the send, the verdict. Whatever happens, it ends as one of the five outcomes at its deadline.
 */
export class OrderGate {
  readonly connection: Connection;
  readonly #options: OrderGateOptions;
  /** Of today; tomorrow's book lists none of them. */
  #acknowledged: { readonly brokerOrderId: string; readonly atMs: number }[] = [];
  #day = '';
  readonly #dayOf = createDayTeller();
  #started = false;
  #ready = false;

  constructor(options: OrderGateOptions) {
    this.connection = options.connection;
    this.#options = options;
  }

  /** What the account was told of before that moment; a complete book lists all of it. */
  acknowledgedBefore(epochMs: number): readonly string[] {
    const day = this.#dayOf(epochMs);
    return this.#acknowledged
      .filter(({ atMs }) => atMs < epochMs && this.#dayOf(atMs) === day)
      .map(({ brokerOrderId }) => brokerOrderId);
  }

  /**
   * Before the first order: what an earlier process left behind is made plain and the account's book is read. Commands
   * that were claimed then may have been sent; they are AMBIGUOUS until the broker's book tells.
   *
   * @returns cancels that were waiting for their order to be found; the caller may go on with them
   */
  async start(): Promise<readonly AttemptRow[]> {
    const { connection, journal, reconciler, clock } = this.#options;
    const resumable = this.#started ? [] : await this.#adoptRows();
    const { adapter, runner } = connection;
    const book = await runner.read('reads', START_DEADLINE_MS, (call) => adapter.orderBook(call));
    reconciler.show(book.orders);
    if (!this.#started) {
      const today = await journal.list(connection.userId, { tradingDay: this.#dayOf(clock.now()), limit: 10_000 });
      for (const { brokerOrderId, updatedAtMs, broker, account } of today) {
        if (brokerOrderId === null || broker !== connection.broker || account !== connection.account) continue;
        this.#remember(brokerOrderId, updatedAtMs);
      }
    }
    this.#started = true;
    this.#ready = true;
    return resumable;
  }

  /** @throws {AlgoError} `ALGO_CLIENT_ORDER_ID_REUSED`; everything else is an outcome. */
  async run(command: Command): Promise<OrderOutcome> {
    const refused = this.#ready || command.urgency === 'exit' ? null : 'not-reconciled';
    if (refused !== null) return this.#refuse(command, refused);
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
    const other = await this.#claim(command, call);
    return other ?? this.#send(command, call);
  }

  /** Null when the journal holds the claim and this command may go; otherwise how it ended. */
  async #claim(command: Command, call: Call): Promise<OrderOutcome | null> {
    const { clock } = this.#options;
    const { runner } = this.connection;
    const now = clock.now();
    const sendByMs = Math.ceil(now + command.deadline.remainingMs());
    const row: AttemptRow = { ...command.row, state: 'SUBMITTING', sendByMs, tradingDay: this.#dayOf(now) };
    const written = await this.#write(command, row);
    if (written === 'claimed' && !command.deadline.over) {
      command.row = row;
      return null;
    }
    runner.finishCommand(call, null, null);
    if (written === 'failed') return this.#notSent(row, 'journal-unavailable');
    if (written === 'moved-on') return this.#notSent(row, 'cancelled');
    if (written !== 'claimed') return this.#existing(row, written);
    const why = command.stopped ? 'cancelled' : 'deadline';
    return this.#conclude(row, { event: 'proven-unsent', proof: { by: 'gate', why } });
  }

  /** The compare and set that makes a send unique; the row that was there before when the id was used. */
  async #write(command: Command, row: AttemptRow): Promise<'claimed' | 'moved-on' | 'failed' | AttemptRow> {
    const { journal, logger, clock } = this.#options;
    try {
      if (!command.journalled) {
        const added = await journal.add(row);
        return added.kind === 'added' ? 'claimed' : added.row;
      }
      const { tag, userId, brokerOrderId, sendByMs } = row;
      const moved = await journal.move({
        tag,
        userId,
        from: 'INTENT',
        to: 'SUBMITTING',
        atMs: clock.now(),
        ...(sendByMs === null ? {} : { sendByMs }),
        ...(brokerOrderId === null ? {} : { brokerOrderId }),
      });
      return moved ? 'claimed' : 'moved-on';
    } catch (error) {
      logger.error('journal-claim-failed', { tag: row.tag, error: String(error) });
      return 'failed';
    }
  }

  async #send(command: Command, call: Call): Promise<OrderOutcome> {
    const { runner } = this.connection;
    const end = await this.#endOf(command, call);
    call.end(); // from here on nothing of it can be written, so what the record shows is final
    const verdict = judge(end, call.record);
    runner.finishCommand(call, resultOf(verdict), end.kind === 'threw' ? end.code : null);
    if (verdict.event === 'rejected' && verdict.reason === 'session') {
      void runner.sessionRefused(call.session).catch((error: unknown) => {
        this.#options.logger.error('session-not-dropped', { error: String(error) });
      });
    }
    return this.#conclude(command.row, verdict);
  }

  /** How the adapter's part ended, at the latest when the deadline passes. */
  #endOf(command: Command, call: Call): Promise<CommandEnd> {
    const { runner } = this.connection;
    const threw = (error: unknown): CommandEnd => ({ kind: 'threw', code: runner.failureOf(error).code });
    return new Promise((resolve) => {
      command.deadline.onOver(() => resolve({ kind: 'overdue' }));
      try {
        command.send(command.row, call).then(
          (reply) => resolve({ kind: 'reply', reply }),
          (error: unknown) => resolve(threw(error)),
        );
      } catch (error) {
        resolve(threw(error));
      }
    });
  }

  #conclude(row: AttemptRow, verdict: Verdict): OrderOutcome {
    const { writer, reconciler, logger } = this.#options;
    const detail = detailOf(this.#scrubbed(verdict));
    const brokerOrderId = verdict.event === 'acknowledged' ? verdict.brokerOrderId : null;
    const moved = writer.move(row, verdict.event, {
      ...(detail === null ? {} : { detail: writeDetail(detail) }),
      ...(brokerOrderId === null ? {} : { brokerOrderId }),
    });
    const after = moved ?? row;
    if (brokerOrderId !== null && row.kind === 'place') {
      this.#remember(brokerOrderId, after.updatedAtMs);
    }
    if (verdict.event === 'lost-sight') logger.warn('order-outcome-unknown', { tag: row.tag, why: verdict.why });
    this.#tell(after);
    return outcomeOfRow(after, () => reconciler.watch(after));
  }

  /** Refused before anything could be sent; kept in the journal, so that the same id gives the same answer again. */
  async #refuse(command: Command, why: GateRefusal): Promise<OrderOutcome> {
    const { journal, writer, logger } = this.#options;
    const detail = writeDetail({ kind: 'proof', proof: { by: 'gate', why } });
    if (command.journalled) {
      this.#tell(writer.move(command.row, 'proven-unsent', { detail }) ?? command.row);
      return this.#notSent(command.row, why);
    }
    const added = await journal.add({ ...command.row, state: 'NOT_SENT', detail }).catch((error: unknown) => {
      logger.error('journal-claim-failed', { tag: command.row.tag, error: String(error) });
      return null;
    });
    if (added?.kind === 'exists') return this.#existing(command.row, added.row);
    this.#tell({ ...command.row, state: 'NOT_SENT' });
    return this.#notSent(command.row, why);
  }

  /** The client order id was used before: the same order gets its answer again, another one is an error. */
  #existing(asked: AttemptRow, row: AttemptRow): OrderOutcome {
    const same = row.request === asked.request && row.broker === asked.broker && row.account === asked.account;
    if (!same) throw new AlgoError('ALGO_CLIENT_ORDER_ID_REUSED', { clientOrderId: asked.clientOrderId });
    return outcomeOfRow(row, () => this.#options.reconciler.settledOf(row));
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

  #remember(brokerOrderId: string, atMs: number): void {
    const day = this.#dayOf(atMs);
    if (day !== this.#day) this.#acknowledged = [];
    this.#day = day;
    this.#acknowledged.push({ brokerOrderId, atMs });
  }

  #notSent({ clientOrderId }: AttemptRow, why: GateRefusal): OrderOutcome {
    return { kind: 'not-sent', clientOrderId, proof: { by: 'gate', why } };
  }

  #scrubbed(verdict: Verdict): Verdict {
    const { runner } = this.connection;
    if (verdict.event === 'rejected') return { ...verdict, brokerText: runner.scrub(verdict.brokerText) };
    if (verdict.event === 'lost-sight') return { ...verdict, why: runner.scrub(verdict.why) };
    return verdict;
  }

  /** Rows of an earlier process: never claimed means never sent; claimed means nobody knows. */
  async #adoptRows(): Promise<readonly AttemptRow[]> {
    const { connection, journal, writer, reconciler, clock } = this.#options;
    const today = this.#dayOf(clock.now());
    const resumable: AttemptRow[] = [];
    for (const row of await journal.inState(connection.key, ['INTENT', ...UNSETTLED])) {
      if (row.state === 'INTENT') {
        if (row.kind === 'cancel' && row.tradingDay === today) resumable.push(row);
        else {
          const proof = { by: 'gate', why: 'process-ended' } as const;
          writer.move(row, 'proven-unsent', { detail: writeDetail({ kind: 'proof', proof }) });
        }
        continue;
      }
      const why = writeDetail({ kind: 'why', why: 'the process ended before the answer' });
      const unsettled = row.state === 'SUBMITTING' ? writer.move(row, 'lost-sight', { detail: why }) : row;
      void reconciler.watch(unsettled ?? row);
    }
    return resumable;
  }
}

const START_DEADLINE_MS = 10_000;

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
