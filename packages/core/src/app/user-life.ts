import type { ConnectionRef } from '../domain/order.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import { checkName } from './check-name.js';
import type { StartTurns } from './user-life-turns.js';

/**
 * `running`: calls are served, whether or not anything is connected; every user begins so. `starting`: the same, while
 * accounts are being connected. `stopping` and `stopped`: calls throw `ALGO_USER_STOPPED`.
 */
export type UserStatus = 'stopped' | 'starting' | 'running' | 'stopping';

export interface StartOptions {
  /** @default every account the user has stored credentials for */
  readonly connections?: readonly ConnectionRef[];
}

/** How each account fared. */
export interface StartReport {
  readonly userId: string;
  /** True when every one of them is connected. */
  readonly ok: boolean;
  readonly results: readonly StartResult[];
}

export type StartResult =
  | (ConnectionRef & { readonly ok: true; readonly tookMs: number })
  | (ConnectionRef & {
      readonly ok: false;
      readonly tookMs: number;
      /** `ALGO_USER_STOPPED` when the user was stopped first; null for what is no error of the SDK, which the log names. */
      readonly code: AlgoErrorCode | null;
    });

export interface UserLifeOptions {
  readonly userId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Shared by all users of the process. */
  readonly turns: StartTurns;
  /** Accounts the user has stored credentials for. */
  readonly accounts: () => Promise<readonly ConnectionRef[]>;
  readonly establish: (ref: ConnectionRef) => Promise<unknown>;
  /** Ends orders under way as they stand, and every connection. */
  readonly end: () => Promise<void>;
}

/** One user's log-ins at the same time: others want their turn as well. */
const AT_ONCE = 4;

/** When a user's calls are served, and how they come and go without the process. */
export class UserLife {
  readonly #options: UserLifeOptions;
  #status: UserStatus = 'running';
  /** Grows with every stop: a start begun before it connects nothing more. */
  #stops = 0;
  #starts = 0;
  #stopping: Promise<void> | null = null;

  constructor(options: UserLifeOptions) {
    this.#options = options;
  }

  get status(): UserStatus {
    return this.#status;
  }

  /** @throws {AlgoError} `ALGO_USER_STOPPED` */
  assertServing(): void {
    if (this.#status === 'stopped' || this.#status === 'stopping') throw this.#stopped();
  }

  /**
   * Connects, some at the same time, and tells of each how it went; one that fails is no failure of this call.
   *
   * @throws {AlgoError} `ALGO_INVALID_INPUT`; `ALGO_STORE_FAILED` when nobody knows which accounts there are
   */
  async start({ connections }: StartOptions = {}): Promise<StartReport> {
    if (connections !== undefined) checkRefs(connections);
    while (this.#stopping !== null) await this.#stopping;
    const { userId, turns, accounts } = this.#options;
    const stops = this.#stops;
    this.#status = 'starting';
    this.#starts += 1;
    try {
      const wanted = connections ?? (await turns.run(accounts));
      const results = await inSteps(wanted, AT_ONCE, (ref) => turns.run(() => this.#connect(ref, stops)));
      return { userId, ok: results.every(({ ok }) => ok), results };
    } finally {
      this.#starts -= 1;
      if (this.#starts === 0 && this.#status === 'starting') this.#status = 'running';
    }
  }

  /** Ends it until the next start; asked again while it goes on, it is the same stop. */
  stop(): Promise<void> {
    if (this.#status === 'stopped') return Promise.resolve();
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#status = 'stopping';
    this.#stops += 1;
    try {
      await this.#options.end();
    } finally {
      this.#status = 'stopped';
      this.#stopping = null;
    }
  }

  async #connect(ref: ConnectionRef, stops: number): Promise<StartResult> {
    const { clock, establish } = this.#options;
    const { broker, account } = ref;
    const began = clock.monotonic();
    const tookMs = (): number => clock.monotonic() - began;
    try {
      if (stops !== this.#stops) throw this.#stopped();
      await establish({ broker, account });
      return { broker, account, ok: true, tookMs: tookMs() };
    } catch (error) {
      return { broker, account, ok: false, tookMs: tookMs(), code: this.#codeOf(error, ref, stops) };
    }
  }

  /** Whatever a stop makes of a log-in under way, it was the stop that ended it. */
  #codeOf(error: unknown, { broker, account }: ConnectionRef, stops: number): AlgoErrorCode | null {
    if (stops !== this.#stops) return 'ALGO_USER_STOPPED';
    if (isAlgoError(error)) return error.code;
    this.#options.logger.error('connection-not-started', { broker, account, error: errorName(error) });
    return null;
  }

  #stopped(): AlgoError {
    return new AlgoError('ALGO_USER_STOPPED', { userId: this.#options.userId });
  }
}

/** In the order given; at most `atOnce` of them under way. */
async function inSteps<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of left) results.set(at, await work(item));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

function checkRefs(refs: unknown): void {
  if (!Array.isArray(refs)) {
    const problem = 'must be a list of { broker, account }';
    throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'connections', problem }] });
  }
  for (const ref of refs) {
    checkName('connections.broker', ref?.broker);
    checkName('connections.account', ref?.account);
  }
}
