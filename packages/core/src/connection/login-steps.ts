import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { BrokerCall } from '../contract/call.js';
import type { CredentialTemplate, LoginMethod } from '../contract/credential-template.js';
import type { BrokerSession, Credentials } from '../contract/session.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import type { Redactor } from '../runtime/redactor.js';
import type { Secret } from '../runtime/secret.js';
import type { LoginRefusals } from './login-refusals.js';
import type { CredentialSource, FoundCredentials, OpenedCredentials } from './credential-source.js';

export interface LoginStepsOptions {
  readonly key: AccountKey;
  readonly template: CredentialTemplate;
  readonly adapter: Pick<BrokerAdapter, 'logIn' | 'profile'>;
  readonly source: CredentialSource;
  readonly refusals: LoginRefusals;
  readonly redactor: Redactor;
  /** Runs a log-in or renewal as a call on the auth lane. */
  readonly inCall: <Value>(session: BrokerSession | null, run: (call: BrokerCall) => Promise<Value>) => Promise<Value>;
}

/** What every way to log in has in common. */
export class LoginSteps {
  readonly #options: LoginStepsOptions;

  constructor(options: LoginStepsOptions) {
    this.#options = options;
  }

  /** What only a log-in needs is not held any longer than it takes. @throws {AlgoError} `ALGO_NO_CREDENTIALS` */
  async withCredentials<Value>(run: (opened: OpenedCredentials) => Promise<Value>): Promise<Value> {
    const { key, source } = this.#options;
    const opened = await source.open(key);
    if (opened === null) throw new AlgoError('ALGO_NO_CREDENTIALS', { broker: key.broker, account: key.account });
    return this.guarded(Object.values(opened.secrets), () => run(opened));
  }

  /** Takes these out of every text that leaves while it runs. */
  async guarded<Value>(secrets: readonly Secret[], run: () => Promise<Value>): Promise<Value> {
    const { redactor } = this.#options;
    for (const secret of secrets) redactor.remember(secret);
    try {
      return await run();
    } finally {
      for (const secret of secrets) redactor.forget(secret);
    }
  }

  /**
   * One try, unless these credentials were refused before, here or in another process: repeated for every order they
   * could lock the account.
   */
  async logIn(credentials: Credentials, origin: string): Promise<BrokerSession> {
    const { adapter, inCall, refusals } = this.#options;
    if (await refusals.stands(origin)) throw this.loginNeeded('the broker refused the log-in');
    try {
      const session = await inCall(null, (call) => adapter.logIn(credentials, call));
      await refusals.clear();
      return session;
    } catch (error) {
      if (isAlgoError(error) && error.code === 'ALGO_LOGIN_REFUSED') await refusals.note(origin);
      throw error;
    }
  }

  /** Fresh credentials may be somebody else's: nothing is signed with them before the broker said whose they are. */
  async belongs(session: BrokerSession, found: FoundCredentials): Promise<boolean> {
    const { adapter, inCall } = this.#options;
    const profile = await inCall(session, (call) => adapter.profile(call));
    return profile.clientId === session.clientId && this.isOf(found, session);
  }

  isOf({ fields }: FoundCredentials, session: BrokerSession): boolean {
    const identity = fields[this.#options.template.identity]?.trim().toUpperCase(); // typed by a person
    return identity === undefined || identity === session.clientId.trim().toUpperCase();
  }

  /** @throws {AlgoError} `ALGO_LOGIN_NEEDED` when a person is needed, or a stored field is missing */
  methodFor({ fields, secrets }: OpenedCredentials, onPage: boolean): LoginMethod {
    const has = (name: string): boolean => name in secrets || name in fields;
    const suited = this.#options.template.methods.filter(({ needs }) => needs.every(has));
    const method = suited.find(({ redirect = false }) => redirect === onPage);
    if (method !== undefined) return method;
    const needsPerson = suited.length > 0 && !onPage;
    throw this.loginNeeded(
      needsPerson
        ? 'its owner logs in on the broker’s page: call beginLogin'
        : 'the stored fields suit no log-in method',
    );
  }

  /** Whether a log-in with the credentials there are needs no person. */
  async isUnattended(): Promise<boolean> {
    try {
      return await this.withCredentials(async (opened) => this.methodFor(opened, false).unattended);
    } catch {
      return false;
    }
  }

  wrongAccount(): AlgoError {
    const { broker, account } = this.#options.key;
    return new AlgoError('ALGO_WRONG_ACCOUNT', { broker, account });
  }

  takenOver(times: number): AlgoError {
    const { broker, account } = this.#options.key;
    return new AlgoError('ALGO_SESSION_TAKEN_OVER', { broker, account, times });
  }

  loginNeeded(why: string): AlgoError {
    const { broker, account } = this.#options.key;
    return new AlgoError('ALGO_LOGIN_NEEDED', { broker, account, why });
  }
}
