import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { BrokerCall } from '../contract/call.js';
import type { CredentialStore, CredentialRecord } from '../contract/credential-store.js';
import type { CredentialTemplate, LoginMethod } from '../contract/credential-template.js';
import type { BrokerSession } from '../contract/session.js';
import type { SessionStore } from '../contract/session-store.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import { createSingleFlight } from '../resilience/single-flight.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Redactor } from '../runtime/redactor.js';
import type { Random } from '../runtime/random.js';
import type { Secret } from '../runtime/secret.js';
import type { CredentialVault } from './credential-vault.js';
import { RedirectLogins } from './redirect-logins.js';
import { readSecrets, readSession, writeSession } from './sealed-text.js';
import type { SecretFields, StoredSession } from './sealed-text.js';

export interface SessionKeeperOptions {
  readonly key: AccountKey;
  readonly template: CredentialTemplate;
  readonly adapter: Pick<BrokerAdapter, 'logIn' | 'renew' | 'profile' | 'redirectLogin'>;
  readonly vault: CredentialVault;
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly redactor: Redactor;
  /** Runs a log-in or renewal as a call on the auth lane. */
  readonly inCall: <Value>(session: BrokerSession | null, run: (call: BrokerCall) => Promise<Value>) => Promise<Value>;
}

/** A session this close to its end is not used for a new call. */
const SAFETY_MS = 5_000;
const RENEW_AHEAD_MS = 30 * 60_000;
const RENEW_RETRY_MS = 60_000;
const RETIRED_KEPT = 8;

/**
 * Holds one account's session: finds it in the store, logs in when there is none, renews it ahead of its end, and lets
 * go of it when the broker refuses it. However many calls ask at once, one log-in is made.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #flight = createSingleFlight<BrokerSession>();
  readonly #redirects: RedirectLogins;
  #current: StoredSession | null = null;
  #renewAfterMs = 0;
  /** Set when the broker answered for somebody else: nothing is signed any more until the credentials change. */
  #blocked = false;
  #verified: BrokerSession | null = null;
  /** Secrets of the sessions before: a reply that is still on its way may repeat them. */
  readonly #retired: Secret[] = [];
  /** Credentials whose log-in the broker refused: repeated for every order they could lock the account. */
  #refusedLogIn: number | null = null;
  /** Counts up when what was under way must not be adopted any more. */
  #generation = 0;
  /** Credentials whose session the broker refused: a pasted token is not tried a second time. */
  #refusedVersion: number | null = null;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
    this.#redirects = new RedirectLogins(options.key.broker, options.clock, options.random);
  }

  /** The session if it can be used right now; null means `ensure` has work to do. */
  current(): BrokerSession | null {
    const session = this.#blocked ? null : (this.#current?.session ?? null);
    if (session === null || session.expiresAtMs === null) return session;
    const now = this.#options.clock.now();
    if (session.expiresAtMs - now <= SAFETY_MS) return null;
    const shouldRenew = session.renewable && session.expiresAtMs - now <= RENEW_AHEAD_MS && now >= this.#renewAfterMs;
    return shouldRenew ? null : session;
  }

  /** @throws {AlgoError} `ALGO_NO_CREDENTIALS`, `ALGO_LOGIN_NEEDED`, `ALGO_LOGIN_REFUSED`, `ALGO_UNDECRYPTABLE`, … */
  ensure(): Promise<BrokerSession> {
    const session = this.current();
    return session === null ? this.#flight.run('session', () => this.#obtain()) : Promise.resolve(session);
  }

  /**
   * The broker refused the session: it is dropped, here and in the store, and not asked for again with the same pasted token.
   *
   * @returns false when another session is in use already
   */
  async lost(refused: BrokerSession): Promise<boolean> {
    if (this.#current?.session !== refused) return false;
    this.#refusedVersion = this.#current.credentialVersion;
    await this.forget();
    return true;
  }

  /**
   * Begins a log-in on the broker's own page.
   *
   * @returns where the person's browser goes
   * @throws {AlgoError} `ALGO_NOT_SUPPORTED`, `ALGO_NO_CREDENTIALS`, `ALGO_LOGIN_NEEDED` when a stored field is missing
   */
  beginLogin(): Promise<string> {
    return this.#withCredentials(async (record, secrets) => {
      const { adapter, inCall, key, template } = this.#options;
      const { redirectLogin } = adapter;
      if (redirectLogin === undefined || !template.methods.some(({ redirect }) => redirect === true)) {
        throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: key.broker, what: 'log-ins on a page of its own' });
      }
      const method = this.#methodFor(record, secrets, true).id;
      const state = this.#redirects.newState();
      const credentials = { method, fields: record.fields, secrets };
      const begun = await inCall(null, (call) => redirectLogin.begin(credentials, state, call));
      this.#redirects.begin({ state, begun, method, credentialVersion: record.version });
      return begun.url;
    });
  }

  /**
   * Completes it with the query of the host's callback.
   *
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` also for a callback that belongs to no log-in begun here, `ALGO_WRONG_ACCOUNT`
   */
  completeLogin(returned: Readonly<Record<string, string>>): Promise<BrokerSession> {
    const open = this.#redirects.take(returned);
    return this.#flight.run('session', () =>
      this.#withCredentials(async ({ fields, version }, secrets) => {
        const { adapter, inCall } = this.#options;
        const { redirectLogin } = adapter;
        if (redirectLogin === undefined || version !== open.credentialVersion) {
          throw this.#loginNeeded('the credentials were changed after the log-in was begun');
        }
        const credentials = { method: open.method, fields, secrets };
        const session = await inCall(null, (call) => redirectLogin.complete(credentials, returned, open.begun, call));
        await this.#verify(session);
        this.#refusedVersion = null;
        return this.#save({ session, credentialVersion: version });
      }),
    );
  }

  /** The broker answered for another account than the one that was meant. */
  async block(): Promise<void> {
    this.#blocked = true;
    this.#generation += 1;
    this.#adopt(null);
    await this.#options.sessions.delete(this.#options.key);
  }

  /** Whether the broker said whose session this is since it was made. */
  isVerified(session: BrokerSession): boolean {
    return this.#verified === session;
  }

  /** A person asks for another try: what the broker refused may have been mended there. */
  tryAgain(): void {
    this.#refusedLogIn = null;
  }

  /** Drops the session, because the credentials changed or the account was removed. */
  async forget(): Promise<void> {
    this.#blocked = false;
    this.#refusedLogIn = null;
    this.#generation += 1;
    this.#redirects.forget();
    this.#adopt(null);
    await this.#options.sessions.delete(this.#options.key);
  }

  async #obtain(): Promise<BrokerSession> {
    const { broker, account } = this.#options.key;
    if (this.#blocked) throw new AlgoError('ALGO_WRONG_ACCOUNT', { broker, account });
    const held = this.#current ?? (await this.#fromStore());
    const kept = held === null ? null : await this.#keepAlive(held);
    return kept ?? this.#logIn();
  }

  /** The session as long as it lives, renewed if it is about to end; null when it is over. */
  async #keepAlive(stored: StoredSession): Promise<BrokerSession | null> {
    this.#adopt(stored);
    const { session, credentialVersion } = stored;
    if (this.current() !== null) return session;
    const { clock, adapter, inCall, logger } = this.#options;
    const alive = session.expiresAtMs === null || session.expiresAtMs - clock.now() > SAFETY_MS;
    if (!alive) return null;
    this.#renewAfterMs = clock.now() + RENEW_RETRY_MS;
    const generation = this.#generation;
    try {
      const renewed = await inCall(session, (call) => adapter.renew(call));
      if (generation !== this.#generation) return await this.#obtain(); // the credentials were replaced or removed meanwhile
      return renewed === null ? session : await this.#save({ session: renewed, credentialVersion });
    } catch (error) {
      // It still lives: a renewal that failed is tried again in a minute.
      logger.warn('session-renewal-failed', { account: this.#options.key.account, error: errorName(error) });
      return session;
    }
  }

  #logIn(): Promise<BrokerSession> {
    const { adapter, inCall } = this.#options;
    const generation = this.#generation;
    return this.#withCredentials(async (record, secrets) => {
      const method = this.#methodFor(record, secrets, false);
      if (!method.unattended && this.#refusedVersion === record.version) {
        throw this.#loginNeeded('the broker refused the stored token');
      }
      if (this.#refusedLogIn === record.version) throw this.#loginNeeded('the broker refused the log-in');
      const { fields, version } = record;
      const session = await inCall(null, (call) => adapter.logIn({ method: method.id, fields, secrets }, call)).catch(
        (error: unknown) => {
          if (isAlgoError(error) && error.code === 'ALGO_LOGIN_REFUSED') this.#refusedLogIn = version;
          throw error;
        },
      );
      await this.#verify(session);
      if (generation !== this.#generation) return await this.#obtain(); // made with credentials that were replaced meanwhile
      return this.#save({ session, credentialVersion: record.version });
    });
  }

  /** What only a log-in needs is not held any longer than it takes. */
  async #withCredentials<Value>(
    run: (record: CredentialRecord, secrets: SecretFields) => Promise<Value>,
  ): Promise<Value> {
    const { key, credentials, redactor, vault } = this.#options;
    const record = await credentials.get(key);
    if (record === null) throw new AlgoError('ALGO_NO_CREDENTIALS', { broker: key.broker, account: key.account });
    const secrets = readSecrets(await vault.open(key, 'credential', record.version, record.sealed));
    for (const secret of Object.values(secrets)) redactor.remember(secret);
    try {
      return await run(record, secrets);
    } finally {
      for (const secret of Object.values(secrets)) redactor.forget(secret);
    }
  }

  /** Fresh credentials may be somebody else's: nothing is signed with them before the broker said whose they are. */
  async #verify(session: BrokerSession): Promise<void> {
    const { key, adapter, inCall } = this.#options;
    const profile = await inCall(session, (call) => adapter.profile(call));
    if (profile.clientId === session.clientId) {
      this.#verified = session;
      return;
    }
    await this.block();
    throw new AlgoError('ALGO_WRONG_ACCOUNT', { broker: key.broker, account: key.account });
  }

  #methodFor(record: CredentialRecord, secrets: SecretFields, onPage: boolean): LoginMethod {
    const has = (name: string): boolean => name in secrets || name in record.fields;
    const suited = this.#options.template.methods.filter(({ needs }) => needs.every(has));
    const method = suited.find(({ redirect = false }) => redirect === onPage);
    if (method !== undefined) return method;
    const needsPerson = suited.length > 0 && !onPage;
    throw this.#loginNeeded(
      needsPerson
        ? 'its owner logs in on the broker’s page: call beginLogin'
        : 'the stored fields suit no log-in method',
    );
  }

  async #fromStore(): Promise<StoredSession | null> {
    const { key, sessions, vault, logger } = this.#options;
    const record = await sessions.get(key);
    if (record === null) return null;
    try {
      return readSession(await vault.open(key, 'session', record.version, record.sealed));
    } catch (error) {
      // A session is made again with a log-in; whether that works, the credentials tell.
      logger.warn('session-not-opened', { account: key.account, error: errorName(error) });
      return null;
    }
  }

  async #save(stored: StoredSession): Promise<BrokerSession> {
    const { key, sessions, vault, clock } = this.#options;
    this.#adopt(stored);
    const version = ((await sessions.get(key))?.version ?? 0) + 1;
    const sealed = await vault.seal(key, 'session', version, writeSession(stored));
    const { expiresAtMs } = stored.session;
    await sessions.put({ ...key, version, sealed, expiresAtMs, updatedAtMs: clock.now() });
    return stored.session;
  }

  /** Its secrets are taken out of every text that leaves for as long as the session is held. */
  #adopt(stored: StoredSession | null): void {
    const { redactor } = this.#options;
    if (stored === this.#current) return;
    for (const secret of Object.values(stored?.session.secrets ?? {})) redactor.remember(secret);
    this.#retired.push(...Object.values(this.#current?.session.secrets ?? {}));
    for (const secret of this.#retired.splice(0, Math.max(0, this.#retired.length - RETIRED_KEPT)))
      redactor.forget(secret);
    this.#current = stored;
  }

  #loginNeeded(why: string): AlgoError {
    const { broker, account } = this.#options.key;
    return new AlgoError('ALGO_LOGIN_NEEDED', { broker, account, why });
  }
}
