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
import type { CredentialVault } from '../vault/credential-vault.js';
import type { LeasedTurns } from './leased-turn.js';
import type { LoginRefusals } from './login-refusals.js';
import { LoginBars } from './login-bars.js';
import type { LoginBarsOptions } from './login-bars.js';
import { PageLogins } from './login-page.js';
import { PAUSING } from './login-pause.js';
import { LoginSteps } from './login-steps.js';
import type { LoginStepsOptions } from './login-steps.js';
import type { HeldSession, SessionCache } from './session-cache.js';
import { endsLater, isAlive, isDue } from './session-life.js';
import type { SessionLife } from './session-life.js';
import { SessionProofs } from './session-proofs.js';
import { SessionShelf } from './session-shelf.js';

export interface SessionKeeperOptions extends LoginStepsOptions, Pick<LoginBarsOptions, 'onTakeover'> {
  readonly adapter: Pick<BrokerAdapter, 'logIn' | 'renew' | 'profile' | 'redirectLogin'>;
  readonly vault: CredentialVault;
  readonly sessions: SessionStore;
  readonly cache: SessionCache;
  readonly turns: LeasedTurns;
  readonly refusals: LoginRefusals;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** No session could be had for a call, or for the watch over idle connections. */
  readonly onFailed: (error: unknown) => void;
}

const RENEW_RETRY_MS = 60_000;
/** How long another process may take to log in before a call here gives up. */
const TURN_PATIENCE_MS = 20_000;
/** A renewal is waited for no longer than this: the session still lives. */
const RENEWAL_PATIENCE_MS = 2_000;
/** A session that lives is used on when the store takes longer than this to show it again. */
const READ_PATIENCE_MS = 500;
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
  readonly #pages: PageLogins;
  readonly #shelf: SessionShelf;
  readonly #proofs = new SessionProofs();
  readonly #bars: LoginBars;
  #renewAfterMs = 0;
  /** Counts up when what was under way must not be adopted any more. */
  #generation = 0;
  /** Counts up when the credentials changed or went: a log-in begun before must not be adopted. */
  #forgotten = 0;
  /** Sessions are made one after another, so that none overtakes another. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Credentials whose session the broker refused: a pasted token is not tried a second time. */
  #refusedOrigin: string | null = null;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
    this.#steps = new LoginSteps(options);
    this.#shelf = new SessionShelf(options, (found, session) => this.#steps.isOf(found, session));
    this.#bars = new LoginBars(options, this.#steps);
    this.#pages = new PageLogins(options, this.#steps, this.#shelf);
  }

  /** The session if it can be used right now; null means `ensure` has work to do. */
  current(): BrokerSession | null {
    return this.#signable(this.#shelf.held());
  }

  /** @throws {AlgoError} `ALGO_NO_CREDENTIALS`, `ALGO_LOGIN_NEEDED`, `ALGO_LOGIN_REFUSED`, `ALGO_UNDECRYPTABLE`, … */
  ensure(): Promise<BrokerSession> {
    const session = this.#signable(this.#shelf.heldStill());
    return session === null ? this.#flight.run('session', () => this.#had()) : Promise.resolve(session);
  }

  /** What is known of the end of the session that was used last; null when there is none. */
  get life(): SessionLife | null {
    return this.#shelf.life;
  }

  /** Whether its renewal is due now and none failed a moment ago. */
  isRenewalDue(nowMs: number): boolean {
    return this.life !== null && isDue(this.life, nowMs) && nowMs >= this.#renewAfterMs;
  }

  /** Whether the next session is made by itself with the credentials there are. */
  isUnattended(): Promise<boolean> {
    return this.#steps.isUnattended();
  }

  /** How long no log-in is made by itself, in milliseconds; 0 when there is no pause. */
  get pausedForMs(): number {
    return this.#bars.pausedForMs;
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
    if (known === null || (held !== null && held.version !== known.version)) return false;
    if (!this.#proofs.lost(refused)) return false;
    if (held !== null) this.#refusedOrigin = held.origin;
    const now = this.#options.clock.now();
    if (this.#proofs.neverWorked(known, now)) this.#bars.failed();
    else if (this.#proofs.hasWorked(refused) && endsLater(refused, now)) this.#bars.suspectTakeover();
    this.#generation += 1;
    await this.#shelf.drop(known); // a log-in that a person has open on the broker's page stays open
    return true;
  }

  /** A call succeeded with it. */
  worked(session: BrokerSession): void {
    if (this.#proofs.worked(session)) this.#bars.worked();
  }

  /** Ends the session here until a person connects again. @returns the one that was held, to be ended at the broker */
  async logOut(): Promise<BrokerSession | null> {
    this.#bars.stop('its owner logged out; connect again');
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
    return this.#pages.begin();
  }

  /**
   * Completes it with the query of the host's callback.
   *
   * @throws {AlgoError} `ALGO_LOGIN_REFUSED` also for a callback that belongs to no log-in begun here, `ALGO_WRONG_ACCOUNT`
   */
  completeLogin(returned: Readonly<Record<string, string>>): Promise<BrokerSession> {
    const open = this.#pages.take(returned);
    const forgotten = this.#forgotten;
    return this.#inTurn(async () => {
      const session = await this.#pages.complete(open, returned, () => forgotten === this.#forgotten);
      this.#proofs.verified(session);
      this.#refusedOrigin = null;
      this.#bars.liftAll();
      return session;
    });
  }

  /** One process at a time connects this account, and it is not this one: its session is left alone. */
  standAside(): void {
    this.#bars.stop('one process at a time connects this account, and this one has not');
    this.#generation += 1;
    this.#shelf.letGo();
  }

  /** The broker answered for another account than the one that was meant. */
  async block(session: BrokerSession): Promise<void> {
    const known = this.#shelf.heldAs(session);
    this.#bars.block();
    this.#generation += 1;
    if (known === null) this.#shelf.letGo();
    else await this.#shelf.drop(known);
  }

  /** Whether the broker said whose session this is since it was made. */
  isVerified(session: BrokerSession): boolean {
    return this.#proofs.isVerified(session);
  }

  /** A person asks for another try: what the broker refused may have been mended there. */
  tryAgain(): void {
    this.#bars.lift();
    this.#options.refusals.askAgain();
  }

  /** Drops the session, because the credentials changed or the account was removed. */
  async forget(): Promise<void> {
    this.credentialsChangedElsewhere();
    await this.#shelf.drop();
  }

  /** Another process changed the credentials; it also sees to the stored session. */
  credentialsChangedElsewhere(): void {
    this.#bars.changed();
    this.#options.refusals.forget();
    this.#forgotten += 1;
    this.#generation += 1;
    this.#pages.forget();
    this.#shelf.letGo();
  }

  /** Another process made, renewed or dropped the session: the next call reads it again. */
  sessionChangedElsewhere(): void {
    this.#shelf.letGo();
  }

  async #had(): Promise<BrokerSession> {
    try {
      return await this.#inTurn(() => this.#obtain());
    } catch (error) {
      this.#options.onFailed(error);
      throw error;
    }
  }

  #inTurn(work: () => Promise<BrokerSession>): Promise<BrokerSession> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
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
    const last = this.#bars.mayUse ? this.#shelf.lastHeld() : null;
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
    this.#bars.assertOpen();
    const generation = this.#generation;
    const held = known ?? (await this.#read());
    return generation === this.#generation ? this.#takeUp(held) : null; // replaced or removed meanwhile
  }

  /** Whether a call can be signed with it now; null when it is over, or due to be renewed. */
  #signable(held: HeldSession | null): BrokerSession | null {
    const session = this.#bars.isBlocked ? null : (held?.session ?? null);
    const now = this.#options.clock.now();
    if (session === null || !isAlive(session, now)) return null;
    return isDue(session, now) && now >= this.#renewAfterMs ? null : session;
  }

  #takeUp(held: HeldSession | null): BrokerSession | null {
    if (held === null) return null;
    this.#shelf.adopt(held);
    const usable = this.#signable(this.#shelf.heldStill());
    if (usable !== null) this.#bars.noTakeover(); // a process of ours made it
    return usable;
  }

  /** While the store fails or hangs, what was held last is used on: it is as good as it was. */
  #read(): Promise<HeldSession | null> {
    const living = this.#living();
    return living === null ? this.#shelf.read() : this.#shelf.readWithin(READ_PATIENCE_MS, living);
  }

  /** Renewed if it is about to end, made anew if there is none. Null when what it was built on has changed. */
  async #make(lease: Lease): Promise<BrokerSession | null> {
    this.#bars.assertOpen();
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
    const generation = this.#generation;
    this.#bars.assertMayLogIn();
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
        this.#proofs.made(session);
        return session;
      });
    });
    return made.catch((error: unknown) => {
      const counts = isAlgoError(error) && PAUSING.has(error.code) && generation === this.#generation;
      if (counts) this.#bars.failed();
      throw error;
    });
  }
}
