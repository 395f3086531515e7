import type { BrokerSession } from '../contract/session.js';
import type { Lease } from '../contract/lease-store.js';
import type { SessionRecord, SessionStore } from '../contract/session-store.js';
import type { AccountKey } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import type { Logger } from '../runtime/logger.js';
import type { Redactor } from '../runtime/redactor.js';
import type { Secret } from '../runtime/secret.js';
import type { CredentialVault } from '../vault/credential-vault.js';
import { nextVersion } from '../vault/record-version.js';
import { readSession, writeSession } from '../vault/sealed-text.js';
import type { CredentialSource, FoundCredentials } from './credential-source.js';
import type { HeldSession, SessionCache } from './session-cache.js';
import type { SessionLife } from './session-life.js';

export interface SessionShelfOptions {
  readonly key: AccountKey;
  readonly vault: CredentialVault;
  readonly source: CredentialSource;
  readonly sessions: SessionStore;
  readonly cache: SessionCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly redactor: Redactor;
}

/** Whether these credentials may have made that session. */
type BelongsTo = (credentials: FoundCredentials, session: BrokerSession) => boolean;

/** Sessions before the present one whose secrets are still taken out of texts: a reply on its way may repeat them. */
const RETIRED_KEPT = 8;
const SAVE_TRIES = 3;

/** Where one account's session lies between two calls: opened in memory, sealed in the store, one truth for both. */
export class SessionShelf {
  readonly #options: SessionShelfOptions;
  readonly #isOf: BelongsTo;
  readonly #cacheKey: string;
  readonly #records = new WeakMap<BrokerSession, HeldSession>();
  readonly #retired: Secret[] = [];
  /** Versions of sessions that were dropped are not given again, not even within one second. */
  #highest = 0;
  /** The one that was dropped last: a store that could not take it away must not bring it back. */
  #dropped: Uint8Array | null = null;
  /** A session in use that the store did not take, and the version it would have replaced. */
  #unsaved: { readonly record: SessionRecord; readonly over: number | null } | null = null;

  /** Of the session that was held last: the cache may have pushed it out meanwhile. */
  #life: SessionLife | null = null;

  constructor(options: SessionShelfOptions, isOf: BelongsTo) {
    this.#options = options;
    this.#isOf = isOf;
    const { userId, broker, account } = options.key;
    this.#cacheKey = JSON.stringify([userId, broker, account]);
  }

  /** When the session that was held last ends; null once it was dropped. */
  get life(): SessionLife | null {
    return this.#life;
  }

  /** What is in memory, if it need not be read again. */
  held(): HeldSession | null {
    return this.#options.cache.get(this.#cacheKey);
  }

  /** The same, asked again by the same call: the metrics count a call once. */
  heldStill(): HeldSession | null {
    return this.#options.cache.young(this.#cacheKey);
  }

  /** What is in memory, however long ago it was read. */
  lastHeld(): HeldSession | null {
    return this.#options.cache.peek(this.#cacheKey);
  }

  /** The record that a session was read from or saved as; null for one that never lay here. */
  heldAs(session: BrokerSession): HeldSession | null {
    return this.#records.get(session) ?? null;
  }

  /** What is in the store, if it belongs to the credentials there are now. */
  async read(): Promise<HeldSession | null> {
    const { key, vault, logger, source } = this.#options;
    const record = await this.#record();
    if (record === null || (this.#dropped !== null && isSame(record.sealed, this.#dropped))) return null;
    const { version, updatedAtMs: savedAtMs } = record;
    const sealed = ownBytes(record.sealed);
    const last = this.lastHeld();
    const known = last !== null && isSame(last.sealed, sealed) ? last : null; // the same object stays in use
    this.#highest = Math.max(this.#highest, version);
    try {
      const text = known ?? readSession(await vault.open(key, 'session', version, sealed));
      const opened = known ?? { ...text, version, sealed, savedAtMs };
      const owner = await source.find(key);
      return owner?.origin === opened.origin && this.#isOf(owner, opened.session) ? opened : null; // else left over from others
    } catch (error) {
      // A session is made again with a log-in; whether that works, the credentials tell.
      logger.warn('session-not-opened', { account: key.account, error: errorName(error) });
      return null;
    }
  }

  /** What is in the store, or `otherwise` when it fails or takes too long to tell. */
  readWithin(patienceMs: number, otherwise: HeldSession): Promise<HeldSession | null> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(patienceMs, () => resolve(otherwise));
      const end = (found: HeldSession | null): void => {
        cancel();
        resolve(found);
      };
      this.read().then(end, () => end(otherwise));
    });
  }

  /**
   * Writes a session that was just made, then takes it into use. A store that fails at it is asked again when the session
   * is read next: what the broker gave once it may not give twice.
   *
   * @param isMeant asked again after every wait; when it is not meant any more no trace of it is kept
   * @param fence the lease it was made under; null for a log-in that a person made
   * @returns null when it is not meant any more, or somebody else's was written meanwhile
   */
  async save(
    session: BrokerSession,
    origin: string,
    isMeant: () => boolean,
    fence: Lease | null,
  ): Promise<HeldSession | null> {
    for (let tries = 0; tries < SAVE_TRIES; tries += 1) {
      const held = await this.#write(session, origin, isMeant, fence);
      if (held === null) {
        if (!isMeant() || fence !== null) return null;
        continue; // a person's log-in is the newest there is: it takes the place of whatever was written
      }
      if (!isMeant()) {
        await this.#takeAway(held);
        return null;
      }
      this.adopt(held);
      return held;
    }
    const { broker, account } = this.#options.key;
    throw new AlgoError('ALGO_STORE_CONFLICT', { what: `The session of ${broker}/${account}` });
  }

  /** Takes it into use. Its secrets are taken out of every text that leaves for as long as it is held. */
  adopt(held: HeldSession): void {
    const { cache, redactor } = this.#options;
    if (this.lastHeld() !== held) for (const secret of secretsOf(held)) redactor.remember(secret);
    this.#records.set(held.session, held);
    const { expiresAtMs, renewable } = held.session;
    this.#life = { expiresAtMs, renewable };
    cache.set(this.#cacheKey, held, this.#retire);
  }

  /** Lets go of it here; the store keeps it. */
  letGo(): void {
    this.#options.cache.delete(this.#cacheKey);
  }

  /** Lets go of what is held here and, of all sessions or of that one alone, in the store. */
  async drop(only?: HeldSession): Promise<void> {
    this.letGo();
    this.#life = null;
    if (only !== undefined) return this.#takeAway(only);
    this.#unsaved = null;
    await this.#options.sessions.delete(this.#options.key);
  }

  /** A store that fails at it keeps a record that is not read any more. */
  async #takeAway({ version, sealed }: HeldSession): Promise<void> {
    const { key, sessions, logger } = this.#options;
    this.#dropped = sealed;
    if (this.#unsaved?.record.sealed === sealed) this.#unsaved = null;
    try {
      await sessions.delete(key, version);
    } catch (error) {
      logger.error('session-not-taken-away', { account: key.account, error: errorName(error) });
    }
  }

  /** What the store did not take before it is handed again, unless somebody else has written meanwhile. */
  async #record(): Promise<SessionRecord | null> {
    const { key, sessions } = this.#options;
    const stored = await sessions.get(key);
    const unsaved = this.#unsaved;
    if (unsaved === null) return stored;
    if ((stored?.version ?? null) !== unsaved.over) {
      this.#unsaved = null;
      return stored;
    }
    if (await this.#put(unsaved.record, unsaved.over, null)) return unsaved.record;
    this.#unsaved = null;
    return sessions.get(key);
  }

  async #write(
    session: BrokerSession,
    origin: string,
    isMeant: () => boolean,
    fence: Lease | null,
  ): Promise<HeldSession | null> {
    const { key, sessions, vault, clock } = this.#options;
    const over = (await sessions.get(key))?.version ?? null;
    const version = Math.max(nextVersion(over, clock.now()), this.#highest + 1);
    const sealed = ownBytes(await vault.seal(key, 'session', version, writeSession({ session, origin })));
    if (!isMeant()) return null;
    this.#highest = version;
    const savedAtMs = clock.now();
    const record = { ...key, version, sealed, expiresAtMs: session.expiresAtMs, updatedAtMs: savedAtMs };
    return (await this.#put(record, over, fence)) ? { session, origin, version, sealed, savedAtMs } : null;
  }

  /** False on a conflict. True also when the store failed: then it is kept for another try. */
  async #put(record: SessionRecord, over: number | null, fence: Lease | null): Promise<boolean> {
    const { key, sessions, logger } = this.#options;
    try {
      const put = await sessions.put(record, over, fence ?? undefined);
      this.#unsaved = null;
      return put;
    } catch (error) {
      this.#unsaved = { record, over };
      logger.error('session-not-saved', { account: key.account, error: errorName(error) });
      return true;
    }
  }

  readonly #retire = (held: HeldSession): void => {
    const { redactor } = this.#options;
    this.#retired.push(...secretsOf(held));
    const overdue = this.#retired.splice(0, Math.max(0, this.#retired.length - RETIRED_KEPT));
    for (const secret of overdue) redactor.forget(secret);
  };
}

/** Without the block of memory it was cut from, which would stay for as long as the session is held. */
const ownBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const secretsOf = ({ session }: HeldSession): readonly Secret[] => Object.values(session.secrets);
