import { randomBytes } from 'node:crypto';
import type { BrokerSetup, SimulatedBroker } from '../broker.js';
import { hasKind } from '../broker.js';
import type { Exchange } from '../exchange/exchange.js';
import { seedOf, seededRandom } from '../random.js';
import { createRateLimits } from '../rate-limits.js';
import type { StateFile } from '../state.js';
import { newTotpSecret } from '../totp.js';
import type { AngelContext, AngelLogin, Shortfall } from './context.js';
import { createAngelFrontEnd } from './front-end.js';
import { angelCatalogue } from './masters/catalogue.js';
import type { AngelAccountOptions, ResolvedAngelOptions } from './options.js';
import { resolveAngelAccount } from './options.js';
import { DOCUMENTED_LIMITS } from './rate-limits.js';
import type { SessionEvent } from './session-book.js';
import { createSessionBook } from './session-book.js';

/** All that a client needs to log in to its account. */
export interface AngelCredentials {
  readonly clientCode: string;
  readonly apiKey: string;
  /** Four digits. */
  readonly mpin: string;
  /** Base32. */
  readonly totpSecret: string;
}

/** Where a client finds Angel One. */
export interface AngelReach {
  /** `http://127.0.0.1:PORT`, before `/rest`. */
  readonly baseUrl: string;
  /** The instrument master: one JSON list, no login. */
  readonly instrumentsUrl: string;
  /** The page of the redirect login, before `?api_key=KEY&state=STATE`: it sends the browser on with tokens at once. */
  readonly publisherLoginUrl: string;
  readonly credentials: AngelCredentials;
  /** Opens one more account, or finds it again after a restart. */
  addAccount(account: AngelAccountOptions): AngelCredentials;
}

/** What the front end keeps over a restart. */
export type AngelEvent =
  | { readonly kind: 'signing-key'; readonly key: string }
  | { readonly kind: 'login'; readonly login: AngelLogin }
  | { readonly kind: 'short-of-funds'; readonly orderid: string; readonly shortfall: Shortfall }
  | SessionEvent;

/** Puts Angel One in front of the exchange. */
export function createAngel(setup: BrokerSetup<AngelEvent, ResolvedAngelOptions>): SimulatedBroker<AngelReach> {
  const { exchange, instruments, options, seed, file } = setup;
  const logins = new Map<string, AngelLogin>();
  const shortfalls = new Map<string, Shortfall>();
  for (const event of file.history) {
    if (event.kind === 'login') logins.set(event.login.clientCode, event.login);
    if (event.kind === 'short-of-funds') shortfalls.set(event.orderid, event.shortfall);
  }
  const context: AngelContext = {
    exchange,
    sessions: createSessionBook({
      key: signingKey(file),
      sessionEnds: options.sessionEnds,
      history: file.history.filter(isSessionEvent),
      onEvent: file.append,
    }),
    logins,
    usedTotps: new Map(),
    rateLimits: createRateLimits(options.rateLimits, DOCUMENTED_LIMITS),
    catalogue: angelCatalogue(instruments),
    shortfallOf: (orderid) => shortfalls.get(orderid),
    rememberShortfall(orderid, shortfall) {
      shortfalls.set(orderid, shortfall);
      file.append({ kind: 'short-of-funds', orderid, shortfall });
    },
    options,
  };

  const addAccount = (account: AngelAccountOptions): AngelCredentials => {
    openAccount(exchange, account);
    const known = logins.get(account.clientId);
    if (known !== undefined) return known;
    const login = newLogin(account, seed);
    logins.set(account.clientId, login);
    file.append({ kind: 'login', login });
    return login;
  };
  const credentials = addAccount(options.account);

  return {
    frontEnd: createAngelFrontEnd(context),
    reach: (origin) => ({
      baseUrl: origin,
      instrumentsUrl: `${origin}/OpenAPI_File/files/OpenAPIScripMaster.json`,
      publisherLoginUrl: `${origin}/publisher-login`,
      credentials,
      addAccount,
    }),
  };
}

export const isAngelEvent = (value: unknown): value is AngelEvent => hasKind(value);

/** When the newest session began or ended; 0 when there is none. A restarted clock must not run behind it. */
export function lastAngelEventMs(history: readonly AngelEvent[]): number {
  return history.reduce((last, event) => Math.max(last, eventMs(event)), 0);
}

function eventMs(event: AngelEvent): number {
  switch (event.kind) {
    case 'session-started':
      return event.session.startedAtMs;
    case 'sessions-ended':
      return event.atMs;
    case 'signing-key':
    case 'login':
    case 'short-of-funds':
      return 0;
  }
}

function openAccount(exchange: Exchange, options: AngelAccountOptions): void {
  if (exchange.account('angel', options.clientId) !== undefined) return;
  const { clientId, cash, segments, holdings } = resolveAngelAccount(options);
  if (!/^[A-Z0-9]{4,12}$/.test(clientId)) {
    throw new Error(`An Angel One client code is 4 to 12 capitals and digits, not ${clientId}`);
  }
  exchange.run({
    kind: 'open-account',
    terms: {
      broker: 'angel',
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

const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The same seed and client code give the same key, MPIN and secret. */
function newLogin({ clientId, apiKey, mpin, totpSecret }: AngelAccountOptions, seed: number): AngelLogin {
  const random = seededRandom(seedOf(`${seed}/angel/${clientId}`));
  const drawnKey = Array.from({ length: 8 }, () => KEY_LETTERS[Math.floor(random() * KEY_LETTERS.length)]).join('');
  const drawnMpin = String(Math.floor(random() * 10_000)).padStart(4, '0');
  const drawnSecret = newTotpSecret(random);
  return {
    clientCode: clientId,
    apiKey: apiKey ?? drawnKey,
    mpin: mpin ?? drawnMpin,
    totpSecret: totpSecret ?? drawnSecret,
  };
}

function signingKey({ history, append }: StateFile<AngelEvent>): string {
  for (const event of history) if (event.kind === 'signing-key') return event.key;
  const key = randomBytes(32).toString('base64url');
  append({ kind: 'signing-key', key });
  return key;
}

function isSessionEvent(event: AngelEvent): event is SessionEvent {
  return event.kind === 'session-started' || event.kind === 'sessions-ended';
}
