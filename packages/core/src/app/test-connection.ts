import type { CheckStep } from '../connection/connection-check.js';
import type { Connection } from '../connection/connection.js';
import { isOutage } from '../connection/connection-state.js';
import { checkFields, fitOf, methodInUse, waysIn } from '../connection/credential-fields.js';
import type { CredentialSource, OpenedCredentials } from '../connection/credential-source.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { LoginMethod } from '../contract/credential-template.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import type { AlgoErrorCode, InputProblem } from '../errors/codes.js';
import type { Clock } from '../runtime/clock.js';
import { checkName } from './check-name.js';

/** What to try out. */
export interface ConnectionTestRequest {
  readonly broker: string;
  /** The stored account to test; with `credentials`, the name it would get. @default 'main' */
  readonly account?: string;
  /** Credentials that are stored nowhere, as for `credentials.put`. @default the stored ones */
  readonly credentials?: Readonly<Record<string, string>>;
  /**
   * Logs in although that ends a session of the same client that is known here, at a broker that keeps but one.
   * @default false
   */
  readonly mayEndSession?: boolean;
}

/** What a test does, in this order. */
export type ConnectionTestStep = 'log-in' | CheckStep;

/** How one step of it ended. `message` is for a person, without anything secret. */
export type ConnectionTestResult =
  | { readonly step: ConnectionTestStep; readonly ok: true; readonly tookMs: number }
  | {
      readonly step: ConnectionTestStep;
      readonly ok: false;
      readonly tookMs: number;
      readonly code: AlgoErrorCode;
      readonly message: string;
    };

export interface ConnectionTest {
  /** True when the log-in, the account and every part of the portfolio were in order. */
  readonly ok: boolean;
  /** Those that were taken: after a log-in that failed, or a broker that does not answer, no more are. */
  readonly results: readonly ConnectionTestResult[];
  /**
   * Whether the session that was made for the test was ended at the broker. False where it has no log-out or did not
   * confirm it; null where none was made, or where the session is the one that was handed in or stored.
   */
  readonly loggedOut: boolean | null;
}

/** A connection of its own, for one test. */
export interface TestLine {
  readonly connection: Connection;
  end(): Promise<void>;
}

export interface ConnectionTesterOptions {
  readonly userId: string;
  readonly clock: Clock;
  /** @throws {AlgoError} `ALGO_UNKNOWN_BROKER` */
  readonly definitionOf: (broker: string) => BrokerDefinition;
  /** Where stored credentials are found. */
  readonly source: CredentialSource;
  /** The user's connection, in whatever state; null where there is none. */
  readonly connectionOf: (key: AccountKey) => Connection | null;
  /** Accounts at that broker which may have a session: connected ones, and those with a stored session that lives. */
  readonly accountsInUse: (broker: string) => Promise<readonly string[]>;
  /** Builds one over what is stored; nobody is told of its changes. */
  readonly overStored: (key: AccountKey) => Promise<TestLine>;
  /** Builds one over a store of its own that goes with it. */
  readonly apart: (key: AccountKey, definition: BrokerDefinition, source: CredentialSource) => Promise<TestLine>;
}

const DEFAULT_ACCOUNT = 'main';
const READS = ['profile', 'positions', 'holdings', 'funds', 'orders'] as const satisfies readonly CheckStep[];

/** Tries credentials out: logs in, sees whose account it is, reads the portfolio, logs out again. */
export class ConnectionTester {
  readonly #options: ConnectionTesterOptions;

  constructor(options: ConnectionTesterOptions) {
    this.#options = options;
  }

  /** @throws {AlgoError} `ALGO_UNKNOWN_BROKER`, `ALGO_INVALID_INPUT`; what a broker does is a result */
  async test(request: ConnectionTestRequest): Promise<ConnectionTest> {
    const { broker, account = DEFAULT_ACCOUNT, credentials } = request;
    checkName('broker', broker);
    checkName('account', account);
    const definition = this.#options.definitionOf(broker);
    const key: AccountKey = { userId: this.#options.userId, broker, account };
    return credentials === undefined
      ? this.#testStored(key, definition)
      : this.#testGiven(key, definition, opened(definition, credentials), request.mayEndSession === true);
  }

  /** Over the connection there is, or else over the session in the store: one that is made anew is kept for later. */
  async #testStored(key: AccountKey, definition: BrokerDefinition): Promise<ConnectionTest> {
    const present = this.#options.connectionOf(key);
    if (present?.state.status === 'connected') return this.#report(await this.#read(present), null);
    const line = await this.#options.overStored(key);
    try {
      return this.#report(await this.#logInAndRead(line.connection, definition), null);
    } finally {
      await line.end();
    }
  }

  async #testGiven(
    key: AccountKey,
    definition: BrokerDefinition,
    { credentials, method }: Given,
    mayEndSession: boolean,
  ): Promise<ConnectionTest> {
    const rival = mayEndSession || !method.unattended ? null : await this.#rivalOf(key, definition, credentials);
    if (rival !== null) {
      const error = new AlgoError('ALGO_SESSION_IN_USE', { broker: key.broker, account: rival });
      return this.#report([failed('log-in', 0, error)], null);
    }
    const source: CredentialSource = { find: async () => credentials, open: async () => credentials };
    const line = await this.#options.apart(key, withoutOwner(definition), source);
    try {
      const results = await this.#logInAndRead(line.connection, definition);
      const isOurs = method.unattended && results[0]?.ok === true;
      return this.#report(results, isOurs ? await line.connection.logOut() : null);
    } finally {
      await line.end();
    }
  }

  /** An account of this user whose session another log-in of the same client would end. */
  async #rivalOf(
    { userId, broker }: AccountKey,
    definition: BrokerDefinition,
    { fields }: OpenedCredentials,
  ): Promise<string | null> {
    if (definition.capabilities.session.secondLogin === 'leaves-the-first') return null;
    const { identity } = definition.credentials;
    const client = spelled(fields[identity]);
    for (const account of await this.#options.accountsInUse(broker)) {
      const found = await this.#options.source.find({ userId, broker, account });
      if (spelled(found?.fields[identity]) === client) return account;
    }
    return null;
  }

  async #logInAndRead(connection: Connection, definition: BrokerDefinition): Promise<readonly ConnectionTestResult[]> {
    // Where one process at a time connects an account, this one has to be it before it may sign anything.
    const isOwned = definition.capabilities.session.oneProcess === true;
    const logIn = isOwned ? () => connection.establish(async () => undefined) : () => connection.profile();
    const loggedIn = await this.#take('log-in', logIn, connection);
    return loggedIn.ok ? [loggedIn, ...(await this.#read(connection))] : [loggedIn];
  }

  async #read(connection: Connection): Promise<readonly ConnectionTestResult[]> {
    const results: ConnectionTestResult[] = [];
    for (const step of READS) {
      const result = await this.#take(step, () => connection[step](), connection);
      results.push(result);
      if (!result.ok && isOutage(result.code)) break;
    }
    return results;
  }

  async #take(
    step: ConnectionTestStep,
    work: () => Promise<unknown>,
    connection: Connection,
  ): Promise<ConnectionTestResult> {
    const { clock } = this.#options;
    const began = clock.monotonic();
    try {
      await work();
      return { step, ok: true, tookMs: clock.monotonic() - began };
    } catch (error) {
      return failed(step, clock.monotonic() - began, connection.runner.failureOf(error));
    }
  }

  #report(results: readonly ConnectionTestResult[], loggedOut: boolean | null): ConnectionTest {
    return { ok: results.every(({ ok }) => ok), results, loggedOut };
  }
}

const failed = (step: ConnectionTestStep, tookMs: number, error: AlgoError): ConnectionTestResult => ({
  step,
  ok: false,
  tookMs,
  code: error.code,
  message: error.message,
});

/** Typed by a person, and brokers do not mind the case. */
const spelled = (client: string | undefined): string | null => client?.trim().toUpperCase() ?? null;

interface Given {
  readonly credentials: OpenedCredentials;
  readonly method: LoginMethod;
}

function opened({ credentials: template }: BrokerDefinition, given: Readonly<Record<string, string>>): Given {
  if (typeof given !== 'object' || given === null) {
    throw refused([{ field: 'credentials', problem: 'must be an object' }]);
  }
  const { plain, secrets, problems } = checkFields(template, given);
  if (problems.length > 0) throw refused(problems);
  const method = methodInUse(fitOf(template, [...Object.keys(plain), ...Object.keys(secrets)]));
  if (method === null) throw refused([{ field: 'credentials', problem: waysIn(template) }]);
  return { credentials: { origin: 'test', fields: plain, secrets }, method };
}

const refused = (problems: readonly InputProblem[]): AlgoError => new AlgoError('ALGO_INVALID_INPUT', { problems });

/** No other process knows of a session that is stored nowhere: there is nothing to own. */
const withoutOwner = (definition: BrokerDefinition): BrokerDefinition => ({
  ...definition,
  capabilities: {
    ...definition.capabilities,
    session: { ...definition.capabilities.session, oneProcess: false },
  },
});
