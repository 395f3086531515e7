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
import { Secret } from '../runtime/secret.js';
import type { CredentialVault } from './credential-vault.js';
import { LoginPause, PAUSING } from './login-pause.js';
import { RedirectLogins } from './redirect-logins.js';
import type { OpenLogin } from './redirect-logins.js';
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
  readonly #pause = new LoginPause();
  /** Made by a log-in, and no call succeeded with it yet. */
  #unproven: BrokerSession | null = null;
  /** A person logged out: nobody but a person logs in again. */
  #loggedOut = false;
  /** Counts up when the credentials changed or went: a log-in begun before must not be adopted. */
  #forgotten = 0;
  /** Sessions are made one after another, so that none overtakes another. */
  #turn: Promise<unknown> = Promise.resolve();
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
    return session === null
      ? this.#flight.run('session', () => this.#inTurn(() => this.#obtain()))
      : Promise.resolve(session);
  }

  /**
   * The broker refused the session: it is dropped, here and in the store, and not asked for again with the same pasted token.
   *
   * @returns false when another session is in use already
   */
  async lost(refused: BrokerSession): Promise<boolean> {
    if (this.#current?.session !== refused) return false;
    this.#refusedVersion = this.#current.credentialVersion;
    if (this.#unproven === refused) this.#pause.failed(this.#options.clock.monotonic());
    this.#unproven = null;
    await this.#drop(); // a log-in that a person has open on the broker's page stays open
    return true;
  }

  /** A call succeeded with it. */
  worked(session: BrokerSession): void {
    if (this.#unproven !== session) return;
    this.#unproven = null;
    this.#pause.reset();
  }

  /** Ends the session here until a person connects again. @returns the one that was held, to be ended at the broker */
  async logOut(): Promise<BrokerSession | null> {
    const held = this.#current?.session ?? null;
    this.#loggedOut = true;
    await this.forget();
    return held;
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
    const forgotten = this.#forgotten;
    const isMeant = (): boolean => forgotten === this.#forgotten;
    const values = Object.values(returned).flatMap((value) => (value === '' ? [] : [new Secret(value)]));
    return this.#inTurn(() => this.#guarded(values, () => this.#complete(open, returned, isMeant)));
  }

  /** The broker answered for another account than the one that was meant. */
  async block(): Promise<void> {
    this.#blocked = true;
    await this.#drop();
  }

  /** Whether the broker said whose session this is since it was made. */
  isVerified(session: BrokerSession): boolean {
    return this.#verified === session;
  }

  /** A person asks for another try: what the broker refused may have been mended there. */
  tryAgain(): void {
    this.#loggedOut = false;
    this.#pause.end();
    this.#refusedLogIn = null;
  }

  /** Drops the session, because the credentials changed or the account was removed. */
  async forget(): Promise<void> {
    this.#blocked = false;
    this.#refusedLogIn = null;
    this.#pause.reset();
    this.#forgotten += 1;
    this.#redirects.forget();
    await this.#drop();
  }

  async #drop(): Promise<void> {
    this.#generation += 1;
    this.#adopt(null);
    await this.#options.sessions.delete(this.#options.key);
  }

  #inTurn(work: () => Promise<BrokerSession>): Promise<BrokerSession> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }

  #complete(
    open: OpenLogin,
    returned: Readonly<Record<string, string>>,
    isMeant: () => boolean,
  ): Promise<BrokerSession> {
    return this.#withCredentials(async (record, secrets) => {
      const { redirectLogin } = this.#options.adapter;
      const changed = this.#loginNeeded('the credentials were changed after the log-in was begun');
      if (redirectLogin === undefined || record.version !== open.credentialVersion || !isMeant()) throw changed;
      const credentials = { method: open.method, fields: record.fields, secrets };
      const session = await this.#options.inCall(null, (call) =>
        redirectLogin.complete(credentials, returned, open.begun, call),
      );
      return this.#guarded(Object.values(session.secrets), async () => {
        if (!isMeant()) throw changed;
        // Somebody else's log-in is refused alone: the session in use is none the worse for it.
        if (!(await this.#belongs(session, record))) throw this.#wrongAccount();
        if (!(await this.#save({ session, credentialVersion: record.version }, isMeant))) throw changed;
        this.#verified = session;
        this.#refusedVersion = null;
        this.#blocked = false;
        this.#loggedOut = false;
        this.#pause.end();
        return session;
      });
    });
  }

  async #obtain(): Promise<BrokerSession> {
    if (this.#blocked) throw this.#wrongAccount();
    if (this.#loggedOut) throw this.#loginNeeded('its owner logged out; connect again');
    const generation = this.#generation;
    const held = this.#current ?? (await this.#fromStore());
    if (generation !== this.#generation) return this.#obtain(); // the credentials were replaced or removed meanwhile
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
      if (renewed === null) return session;
      const next = { session: renewed, credentialVersion };
      const isMeant = (): boolean => generation === this.#generation && renewed.clientId === session.clientId;
      return (await this.#save(next, isMeant)) ? renewed : await this.#obtain();
    } catch (error) {
      // It still lives: a renewal that failed is tried again in a minute.
      logger.warn('session-renewal-failed', { account: this.#options.key.account, error: errorName(error) });
      return session;
    }
  }

  #logIn(): Promise<BrokerSession> {
    const { adapter, inCall, clock } = this.#options;
    const generation = this.#generation;
    if (this.#pause.isOn(clock.monotonic())) {
      throw this.#loginNeeded('the broker refused a log-in or a session that was just made; it is tried again later');
    }
    const made = this.#withCredentials(async (record, secrets) => {
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
      const isMeant = (): boolean => generation === this.#generation;
      return this.#guarded(Object.values(session.secrets), async () => {
        const belongs = await this.#belongs(session, record);
        if (!isMeant()) return this.#obtain(); // made with credentials that were replaced meanwhile
        if (!belongs) {
          await this.block();
          throw this.#wrongAccount();
        }
        if (!(await this.#save({ session, credentialVersion: version }, isMeant))) return this.#obtain();
        this.#verified = session;
        this.#unproven = session;
        return session;
      });
    });
    return made.catch((error: unknown) => {
      const counts = isAlgoError(error) && PAUSING.has(error.code) && generation === this.#generation;
      if (counts) this.#pause.failed(clock.monotonic());
      throw error;
    });
  }

  /** What only a log-in needs is not held any longer than it takes. */
  async #withCredentials<Value>(
    run: (record: CredentialRecord, secrets: SecretFields) => Promise<Value>,
  ): Promise<Value> {
    const { key, credentials, vault } = this.#options;
    const record = await credentials.get(key);
    if (record === null) throw new AlgoError('ALGO_NO_CREDENTIALS', { broker: key.broker, account: key.account });
    const secrets = readSecrets(await vault.open(key, 'credential', record.version, record.sealed));
    return this.#guarded(Object.values(secrets), () => run(record, secrets));
  }

  /** Takes these out of every text that leaves while it runs. */
  async #guarded<Value>(secrets: readonly Secret[], run: () => Promise<Value>): Promise<Value> {
    const { redactor } = this.#options;
    for (const secret of secrets) redactor.remember(secret);
    try {
      return await run();
    } finally {
      for (const secret of secrets) redactor.forget(secret);
    }
  }

  /** Fresh credentials may be somebody else's: nothing is signed with them before the broker said whose they are. */
  async #belongs(session: BrokerSession, record: CredentialRecord): Promise<boolean> {
    const { adapter, inCall } = this.#options;
    const profile = await inCall(session, (call) => adapter.profile(call));
    return profile.clientId === session.clientId && this.#isOf(record, session);
  }

  #isOf({ fields }: CredentialRecord, session: BrokerSession): boolean {
    const identity = fields[this.#options.template.identity]?.trim().toUpperCase(); // typed by a person
    return identity === undefined || identity === session.clientId.trim().toUpperCase();
  }

  #wrongAccount(): AlgoError {
    const { broker, account } = this.#options.key;
    return new AlgoError('ALGO_WRONG_ACCOUNT', { broker, account });
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
    const { key, sessions, vault, logger, credentials } = this.#options;
    const record = await sessions.get(key);
    if (record === null) return null;
    try {
      const stored = readSession(await vault.open(key, 'session', record.version, record.sealed));
      const owner = await credentials.get(key);
      const isTheirs = owner?.version === stored.credentialVersion && this.#isOf(owner, stored.session);
      return isTheirs ? stored : null; // otherwise left over from credentials that were replaced or deleted
    } catch (error) {
      // A session is made again with a log-in; whether that works, the credentials tell.
      logger.warn('session-not-opened', { account: key.account, error: errorName(error) });
      return null;
    }
  }

  /** Written first and adopted last. @returns false when it is not meant any more; then no trace of it is kept. */
  async #save(stored: StoredSession, isMeant: () => boolean): Promise<boolean> {
    const { key, sessions, vault, clock } = this.#options;
    const version = ((await sessions.get(key))?.version ?? 0) + 1;
    const sealed = await vault.seal(key, 'session', version, writeSession(stored));
    if (!isMeant()) return false;
    await sessions.put({ ...key, version, sealed, expiresAtMs: stored.session.expiresAtMs, updatedAtMs: clock.now() });
    if (isMeant()) this.#adopt(stored);
    else await sessions.delete(key);
    return this.#current === stored;
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
