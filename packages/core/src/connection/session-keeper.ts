import type { BrokerAdapter } from '../contract/broker-adapter.js';
import type { Lease } from '../contract/lease-store.js';
import type { BrokerSession } from '../contract/session.js';
import type { SessionStore } from '../contract/session-store.js';
import { AlgoError, isAlgoError } from '../errors/algo-error.js';
import { createSingleFlight } from '../resilience/single-flight.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Random } from '../runtime/random.js';
import { Secret } from '../runtime/secret.js';
import type { CredentialVault } from '../vault/credential-vault.js';
import type { LeasedTurns } from './leased-turn.js';
import type { LoginRefusals } from './login-refusals.js';
import { LoginPause, PAUSING } from './login-pause.js';
import { LoginSteps } from './login-steps.js';
import type { LoginStepsOptions } from './login-steps.js';
import { RedirectLogins } from './redirect-logins.js';
import type { OpenLogin } from './redirect-logins.js';
import type { HeldSession, SessionCache } from './session-cache.js';
import { isAlive, isDue } from './session-life.js';
import { SessionShelf } from './session-shelf.js';

export interface SessionKeeperOptions extends LoginStepsOptions {
  readonly adapter: Pick<BrokerAdapter, 'logIn' | 'renew' | 'profile' | 'redirectLogin'>;
  readonly vault: CredentialVault;
  readonly sessions: SessionStore;
  readonly cache: SessionCache;
  readonly turns: LeasedTurns;
  readonly refusals: LoginRefusals;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const RENEW_RETRY_MS = 60_000;
/** How long another process may take to log in before a call here gives up. */
const TURN_PATIENCE_MS = 20_000;
/** A renewal is waited for no longer than this: the session still lives. */
const RENEWAL_PATIENCE_MS = 2_000;
/** A session that lives is used on when the store takes longer than this to show it again. */
const READ_PATIENCE_MS = 500;
/** A session saved less than this ago is a new one, whoever made it. */
const FRESH_MS = 60_000;
/** How often it starts over because what it built on changed under it. */
const TRIES = 5;

/**
 * Looks after one account's session: finds it, logs in when there is none, renews it ahead of its end, and lets go of it
 * when the broker refuses it. However many calls ask at once, in however many processes, one log-in is made.
 */
export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  readonly #flight = createSingleFlight<BrokerSession>();
  readonly #steps: LoginSteps;
  readonly #redirects: RedirectLogins;
  readonly #shelf: SessionShelf;
  #renewAfterMs = 0;
  /** Set when the broker answered for somebody else: nothing is signed any more until the credentials change. */
  #blocked = false;
  /** The broker said whose session it is. Remembered weakly, like the next three: one that left the cache is let go of. */
  readonly #verified = new WeakSet<BrokerSession>();
  /** Counts up when what was under way must not be adopted any more. */
  #generation = 0;
  readonly #pause = new LoginPause();
  /** Made by a log-in here. */
  readonly #made = new WeakSet<BrokerSession>();
  /** A call here succeeded with it. */
  readonly #proven = new WeakSet<BrokerSession>();
  /** Refused: of the calls that hear of it, the first one drops it. */
  readonly #lost = new WeakSet<BrokerSession>();
  /** Why nobody but a person connects again; null while that is not so. */
  #stopped: string | null = null;
  /** Counts up when the credentials changed or went: a log-in begun before must not be adopted. */
  #forgotten = 0;
  /** Sessions are made one after another, so that none overtakes another. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Credentials whose session the broker refused: a pasted token is not tried a second time. */
  #refusedOrigin: string | null = null;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
    this.#steps = new LoginSteps(options);
    this.#redirects = new RedirectLogins(options.key.broker, options.clock, options.random);
    this.#shelf = new SessionShelf({ ...options, isOf: (found, session) => this.#steps.isOf(found, session) });
  }

  /** The session if it can be used right now; null means `ensure` has work to do. */
  current(): BrokerSession | null {
    return this.#signable(this.#shelf.held());
  }

  /** @throws {AlgoError} `ALGO_NO_CREDENTIALS`, `ALGO_LOGIN_NEEDED`, `ALGO_LOGIN_REFUSED`, `ALGO_UNDECRYPTABLE`, … */
  ensure(): Promise<BrokerSession> {
    const session = this.#signable(this.#shelf.heldStill());
    return session === null
      ? this.#flight.run('session', () => this.#inTurn(() => this.#obtain()))
      : Promise.resolve(session);
  }

  /**
   * The broker refused the session: it is dropped, here and in the store, and not asked for again with the same pasted
   * token. One that another process has put in its place meanwhile stays there.
   *
   * @returns false when another session is in use already
   */
  async lost(refused: BrokerSession): Promise<boolean> {
    const held = this.#shelf.lastHeld();
    const known = this.#shelf.heldAs(refused);
    if (known === null || this.#lost.has(refused) || (held !== null && held.version !== known.version)) return false;
    this.#lost.add(refused);
    if (held !== null) this.#refusedOrigin = held.origin;
    if (this.#neverWorked(known)) this.#pause.failed(this.#options.clock.monotonic());
    this.#generation += 1;
    await this.#shelf.drop(known); // a log-in that a person has open on the broker's page stays open
    return true;
  }

  /** A call succeeded with it. */
  worked(session: BrokerSession): void {
    if (this.#proven.has(session)) return;
    this.#proven.add(session);
    this.#pause.reset();
  }

  /** Ends the session here until a person connects again. @returns the one that was held, to be ended at the broker */
  async logOut(): Promise<BrokerSession | null> {
    this.#stopped = 'its owner logged out; connect again';
    const held = this.#shelf.lastHeld() ?? (await this.#read());
    await this.forget();
    return held?.session ?? null;
  }

  /**
   * Begins a log-in on the broker's own page.
   *
   * @returns where the person's browser goes
   * @throws {AlgoError} `ALGO_NOT_SUPPORTED`, `ALGO_NO_CREDENTIALS`, `ALGO_LOGIN_NEEDED` when a stored field is missing
   */
  beginLogin(): Promise<string> {
    return this.#steps.withCredentials(async (opened) => {
      const { adapter, inCall, key, template } = this.#options;
      const { redirectLogin } = adapter;
      if (redirectLogin === undefined || !template.methods.some(({ redirect }) => redirect === true)) {
        throw new AlgoError('ALGO_NOT_SUPPORTED', { broker: key.broker, what: 'log-ins on a page of its own' });
      }
      const method = this.#steps.methodFor(opened, true).id;
      const state = this.#redirects.newState();
      const { fields, secrets, origin } = opened;
      const begun = await inCall(null, (call) => redirectLogin.begin({ method, fields, secrets }, state, call));
      this.#redirects.begin({ state, begun, method, origin });
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
    return this.#inTurn(() => this.#steps.guarded(values, () => this.#complete(open, returned, isMeant)));
  }

  /** One process at a time connects this account, and it is not this one: its session is left alone. */
  standAside(): void {
    this.#stopped = 'one process at a time connects this account, and this one has not';
    this.#generation += 1;
    this.#shelf.letGo();
  }

  /** The broker answered for another account than the one that was meant. */
  async block(session: BrokerSession): Promise<void> {
    const known = this.#shelf.heldAs(session);
    this.#blocked = true;
    this.#generation += 1;
    if (known === null) this.#shelf.letGo();
    else await this.#shelf.drop(known);
  }

  /** Whether the broker said whose session this is since it was made. */
  isVerified(session: BrokerSession): boolean {
    return this.#verified.has(session);
  }

  /** A person asks for another try: what the broker refused may have been mended there. */
  tryAgain(): void {
    this.#stopped = null;
    this.#pause.end();
    this.#options.refusals.askAgain();
  }

  /** Drops the session, because the credentials changed or the account was removed. */
  async forget(): Promise<void> {
    this.credentialsChangedElsewhere();
    await this.#shelf.drop();
  }

  /** Another process changed the credentials; it also sees to the stored session. */
  credentialsChangedElsewhere(): void {
    this.#blocked = false;
    this.#options.refusals.forget();
    this.#pause.reset();
    this.#forgotten += 1;
    this.#generation += 1;
    this.#redirects.forget();
    this.#shelf.letGo();
  }

  /** Another process made, renewed or dropped the session: the next call reads it again. */
  sessionChangedElsewhere(): void {
    this.#shelf.letGo();
  }

  /** Made a moment ago, and refused before it served a single call here. */
  #neverWorked({ session, savedAtMs }: HeldSession): boolean {
    if (this.#proven.has(session)) return false;
    return this.#made.has(session) || this.#options.clock.now() - savedAtMs < FRESH_MS;
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
    return this.#steps.withCredentials(async (opened) => {
      const { redirectLogin } = this.#options.adapter;
      const { fields, secrets, origin } = opened;
      const changed = this.#steps.loginNeeded('the credentials were changed after the log-in was begun');
      if (redirectLogin === undefined || origin !== open.origin || !isMeant()) throw changed;
      const session = await this.#options.inCall(null, (call) =>
        redirectLogin.complete({ method: open.method, fields, secrets }, returned, open.begun, call),
      );
      return this.#steps.guarded(Object.values(session.secrets), async () => {
        if (!isMeant()) throw changed;
        // Somebody else's log-in is refused alone: the session in use is none the worse for it.
        if (!(await this.#steps.belongs(session, opened))) throw this.#steps.wrongAccount();
        if ((await this.#shelf.save(session, origin, isMeant, null)) === null) throw changed;
        this.#verified.add(session);
        this.#refusedOrigin = null;
        this.#blocked = false;
        this.#stopped = null;
        this.#pause.end();
        return session;
      });
    });
  }

  /** The session there is, or one that this process or another makes; starts over when what it built on has changed. */
  async #obtain(): Promise<BrokerSession> {
    const { key } = this.#options;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const usable = await this.#usable(this.#shelf.heldStill());
      if (usable !== null) return usable;
      const made = await this.#makeInTurn().catch((error: unknown) => ({ session: this.#livingOr(error) }));
      if (made === null) return this.#livingOr(this.#steps.loginNeeded('another process logs in for too long'));
      if (made.session !== null) return made.session;
    }
    throw new AlgoError('ALGO_STORE_CONFLICT', { what: `The session of ${key.broker}/${key.account}` });
  }

  /** Null when another process had the turn for too long; a session of null when what it was built on has changed. */
  #makeInTurn(): Promise<{ readonly session: BrokerSession | null } | null> {
    const { key, turns } = this.#options;
    const lease = { userId: key.userId, name: `session/${key.broker}/${key.account}` };
    const ifMade = (session: BrokerSession | null) => (session === null ? null : { session });
    return turns.run(
      lease,
      this.#living() === null ? TURN_PATIENCE_MS : RENEWAL_PATIENCE_MS,
      async () => ifMade(await this.#usable(null)),
      async (held): Promise<{ readonly session: BrokerSession | null }> => ({ session: await this.#make(held) }),
    );
  }

  /** What is in memory if it lives, be it due for its renewal or for being read again. */
  #living(): HeldSession | null {
    const last = this.#blocked || this.#stopped !== null ? null : this.#shelf.lastHeld();
    return last !== null && isAlive(last.session, this.#options.clock.now()) ? last : null;
  }

  /** A renewal that cannot be made now is made in a minute. @throws {unknown} `error` when nothing lives */
  #livingOr(error: unknown): BrokerSession {
    const living = this.#living();
    if (living === null) throw error;
    this.#renewAfterMs = this.#options.clock.now() + RENEW_RETRY_MS;
    return living.session;
  }

  /** The session that is known, or else the one in the store, if a call can be signed with it now. */
  async #usable(known: HeldSession | null): Promise<BrokerSession | null> {
    this.#assertMayLogIn();
    const generation = this.#generation;
    const held = known ?? (await this.#read());
    return generation === this.#generation ? this.#takeUp(held) : null; // replaced or removed meanwhile
  }

  /** Whether a call can be signed with it now; null when it is over, or due to be renewed. */
  #signable(held: HeldSession | null): BrokerSession | null {
    const session = this.#blocked ? null : (held?.session ?? null);
    const now = this.#options.clock.now();
    if (session === null || !isAlive(session, now)) return null;
    return isDue(session, now) && now >= this.#renewAfterMs ? null : session;
  }

  #takeUp(held: HeldSession | null): BrokerSession | null {
    if (held === null) return null;
    this.#shelf.adopt(held);
    return this.#signable(this.#shelf.heldStill());
  }

  /** While the store fails or hangs, what was held last is used on: it is as good as it was. */
  async #read(): Promise<HeldSession | null> {
    const living = this.#living();
    if (living === null) return this.#shelf.read();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(READ_PATIENCE_MS, () => resolve(living));
      const end = (found: HeldSession | null): void => {
        cancel();
        resolve(found);
      };
      this.#shelf.read().then(end, () => end(living));
    });
  }

  /** Renewed if it is about to end, made anew if there is none. Null when what it was built on has changed. */
  async #make(lease: Lease): Promise<BrokerSession | null> {
    this.#assertMayLogIn();
    const generation = this.#generation;
    const held = await this.#read(); // somebody else may have made it before this turn came
    if (generation !== this.#generation) return null;
    const usable = this.#takeUp(held);
    if (usable !== null) return usable;
    return held !== null && isAlive(held.session, this.#options.clock.now())
      ? this.#renew(held, lease)
      : this.#logIn(lease);
  }

  /** A renewal that fails is tried again in a minute: the session still lives. */
  async #renew({ session, origin }: HeldSession, lease: Lease): Promise<BrokerSession | null> {
    const { clock, adapter, inCall, logger } = this.#options;
    this.#renewAfterMs = clock.now() + RENEW_RETRY_MS;
    const generation = this.#generation;
    try {
      const renewed = await inCall(session, (call) => adapter.renew(call));
      if (generation !== this.#generation) return null;
      if (renewed === null) return session;
      const isMeant = (): boolean => generation === this.#generation && renewed.clientId === session.clientId;
      return (await this.#shelf.save(renewed, origin, isMeant, lease))?.session ?? null;
    } catch (error) {
      logger.warn('session-renewal-failed', { account: this.#options.key.account, error: errorName(error) });
      return session;
    }
  }

  #logIn(lease: Lease): Promise<BrokerSession | null> {
    const { clock } = this.#options;
    const generation = this.#generation;
    if (this.#pause.isOn(clock.monotonic())) {
      throw this.#steps.loginNeeded(
        'the broker refused a log-in or a session that was just made; it is tried again later',
      );
    }
    const made = this.#steps.withCredentials(async (opened) => {
      const { fields, secrets, origin } = opened;
      const method = this.#steps.methodFor(opened, false);
      if (!method.unattended && this.#refusedOrigin === origin) {
        throw this.#steps.loginNeeded('the broker refused the stored token');
      }
      const session = await this.#steps.logIn({ method: method.id, fields, secrets }, origin);
      const isMeant = (): boolean => generation === this.#generation;
      return this.#steps.guarded(Object.values(session.secrets), async () => {
        const belongs = await this.#steps.belongs(session, opened);
        if (!isMeant()) return null; // made with credentials that were replaced meanwhile
        if (!belongs) {
          await this.block(session); // one that others have in use stays in the store
          throw this.#steps.wrongAccount();
        }
        if ((await this.#shelf.save(session, origin, isMeant, lease)) === null) return null;
        this.#verified.add(session);
        this.#made.add(session);
        return session;
      });
    });
    return made.catch((error: unknown) => {
      const counts = isAlgoError(error) && PAUSING.has(error.code) && generation === this.#generation;
      if (counts) this.#pause.failed(clock.monotonic());
      throw error;
    });
  }

  #assertMayLogIn(): void {
    if (this.#blocked) throw this.#steps.wrongAccount();
    if (this.#stopped !== null) throw this.#steps.loginNeeded(this.#stopped);
  }
}
