import { randomBytes } from 'node:crypto';
import type { BrokerSetup, SimulatedBroker } from '../broker.js';
import { hasKind } from '../broker.js';
import type { Exchange } from '../exchange/exchange.js';
import { seedOf, seededRandom } from '../random.js';
import { createRateLimits } from '../rate-limits.js';
import type { StateFile } from '../state.js';
import { newTotpSecret } from '../totp.js';
import type { KotakContext, KotakLogin } from './context.js';
import { createKotakFrontEnd } from './front-end.js';
import { kotakCatalogue } from './masters/catalogue.js';
import type { KotakAccountOptions, ResolvedKotakOptions } from './options.js';
import { resolveKotakAccount } from './options.js';
import type { OrderEvent } from './order-journal.js';
import { createOrderJournal } from './order-journal.js';
import { DOCUMENTED_LIMITS } from './rate-limits.js';
import type { SessionEvent } from './sessions.js';
import { createSessionBook } from './sessions.js';

/** All that a client needs to reach its account. */
export interface KotakCredentials {
  /** The API access token, which is also called consumer key. */
  readonly accessToken: string;
  readonly ucc: string;
  /** `+91` and ten digits. */
  readonly mobileNumber: string;
  readonly mpin: string;
  readonly totpSecret: string;
}

/** Where a client finds Kotak Neo. */
export interface KotakReach {
  /** Host of the log-in; what comes after it is told by the log-in. */
  readonly loginUrl: string;
  readonly credentials: KotakCredentials;
  /** Opens one more account, or finds it again after a restart. */
  addAccount(account: KotakAccountOptions): KotakCredentials;
}

/** What the front end keeps over a restart. */
export type KotakEvent =
  | { readonly kind: 'signing-key'; readonly key: string }
  | { readonly kind: 'login'; readonly login: KotakLogin }
  | SessionEvent
  | OrderEvent;

/** Puts Kotak Neo in front of the exchange. */
export function createKotak(setup: BrokerSetup<KotakEvent, ResolvedKotakOptions>): SimulatedBroker<KotakReach> {
  const { exchange, instruments, options, seed, file } = setup;
  const logins = new Map<string, KotakLogin>();
  for (const event of file.history) if (event.kind === 'login') logins.set(event.login.ucc, event.login);
  let servedAt = '';
  const context: KotakContext = {
    exchange,
    sessions: createSessionBook(signingKey(file), file.history.filter(isSessionEvent), file.append),
    journal: createOrderJournal(file.history.filter(isOrderEvent), file.append),
    logins,
    rateLimits: createRateLimits(options.rateLimits, DOCUMENTED_LIMITS),
    catalogue: kotakCatalogue(instruments, options),
    options,
    origin: () => servedAt,
  };

  const addAccount = (account: KotakAccountOptions): KotakCredentials => {
    openAccount(exchange, account);
    let login = logins.get(account.clientId);
    if (login === undefined) {
      login = newLogin(account, seed);
      logins.set(login.ucc, login);
      file.append({ kind: 'login', login });
    }
    const { accessToken, ucc, mobileNumber, mpin, totpSecret } = login;
    return { accessToken, ucc, mobileNumber, mpin, totpSecret };
  };
  const credentials = addAccount(options.account);

  return {
    frontEnd: createKotakFrontEnd(context),
    reach(origin) {
      servedAt = origin;
      return { loginUrl: origin, credentials, addAccount };
    },
  };
}

export const isKotakEvent = (value: unknown): value is KotakEvent => hasKind(value);

/** When the newest event happened; 0 when there is none. A restarted clock must not run behind it. */
export function lastKotakEventMs(history: readonly KotakEvent[]): number {
  return history.reduce((last, event) => Math.max(last, atMsOf(event)), 0);
}

function atMsOf(event: KotakEvent): number {
  switch (event.kind) {
    case 'signing-key':
    case 'login':
      return 0;
    case 'session-opened':
      return event.session.issuedAtMs;
    case 'order-modified':
    case 'order-cancelled':
      return event.atMs;
  }
}

function openAccount(exchange: Exchange, options: KotakAccountOptions): void {
  if (exchange.account('kotak', options.clientId) !== undefined) return;
  const { clientId, cash, segments, holdings } = resolveKotakAccount(options);
  if (!/^[A-Z0-9]{4,10}$/.test(clientId)) {
    throw new Error(`A Kotak client code is 4 to 10 capital letters and digits, not ${clientId}`);
  }
  exchange.run({
    kind: 'open-account',
    terms: {
      broker: 'kotak',
      clientId,
      cash,
      segments,
      dataPlan: true,
      holdings: holdings.map(({ instrument, quantity, averagePrice }) => {
        const instrumentId = exchange.find(instrument)?.instrument.id;
        if (instrumentId === undefined) throw new Error(`There is no instrument ${instrument}`);
        return { instrumentId, quantity, averagePrice };
      }),
    },
  });
}

/** The same seed and client code give the same secrets. */
function newLogin(account: KotakAccountOptions, seed: number): KotakLogin {
  const { clientId, dataCenter, ...given } = resolveKotakAccount(account);
  const random = seededRandom(seedOf(`${seed}/kotak/${clientId}`));
  const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
  const drawn = {
    accessToken: drawnUuid(random),
    mobileNumber: `+919${digits(9)}`,
    mpin: digits(6),
    totpSecret: newTotpSecret(random),
  };
  return {
    ucc: clientId,
    accessToken: given.accessToken ?? drawn.accessToken,
    mobileNumber: given.mobileNumber ?? drawn.mobileNumber,
    mpin: given.mpin ?? drawn.mpin,
    totpSecret: given.totpSecret ?? drawn.totpSecret,
    dataCenter,
  };
}

function drawnUuid(random: () => number): string {
  const part = (length: number): string =>
    Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
  return [8, 4, 4, 4, 12].map(part).join('-');
}

function signingKey({ history, append }: StateFile<KotakEvent>): string {
  for (const event of history) if (event.kind === 'signing-key') return event.key;
  const key = randomBytes(32).toString('base64url');
  append({ kind: 'signing-key', key });
  return key;
}

function isSessionEvent(event: KotakEvent): event is SessionEvent {
  return event.kind === 'session-opened';
}

function isOrderEvent(event: KotakEvent): event is OrderEvent {
  return event.kind === 'order-modified' || event.kind === 'order-cancelled';
}
