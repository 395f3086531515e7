import { randomBytes } from 'node:crypto';
import type { BrokerSetup, SimulatedBroker } from '../broker.js';
import { hasKind } from '../broker.js';
import type { Exchange } from '../exchange/exchange.js';
import { seedOf, seededRandom } from '../random.js';
import { createRateLimits } from '../rate-limits.js';
import type { StateFile } from '../state.js';
import { newTotpSecret } from '../totp.js';
import type { DhanContext, DhanLogin } from './context.js';
import { createDhanFrontEnd } from './front-end.js';
import type { DhanCatalogue } from './masters/catalogue.js';
import type { DhanAccountOptions, ResolvedDhanOptions } from './options.js';
import { resolveDhanAccount } from './options.js';
import { DOCUMENTED_LIMITS } from './rate-limits.js';
import type { TokenEvent } from './tokens.js';
import { createTokenBook } from './tokens.js';

/** All that a client needs to reach its account. */
export interface DhanCredentials {
  readonly clientId: string;
  /** A token as made on Dhan Web: good for 24 hours of simulator time, and renewable. */
  readonly accessToken: string;
  readonly pin: string;
  readonly totpSecret: string;
  /** The key pair of the consent log-in. */
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** What the front end keeps over a restart. */
export type DhanEvent =
  | { readonly kind: 'signing-key'; readonly key: string }
  | { readonly kind: 'login'; readonly login: DhanLogin }
  | TokenEvent;

/** Where a client finds Dhan. */
export interface DhanReach {
  /** `http://127.0.0.1:PORT/v2`. */
  readonly baseUrl: string;
  /** Origin of the token service. */
  readonly authUrl: string;
  /** Compact instrument master. */
  readonly instrumentsUrl: string;
  /** Detailed instrument master. */
  readonly detailedInstrumentsUrl: string;
  readonly credentials: DhanCredentials;
  /** Opens one more account, or finds it again after a restart; its living token is kept. */
  addAccount(account: DhanAccountOptions): DhanCredentials;
}

export interface DhanSetup extends BrokerSetup<DhanEvent, ResolvedDhanOptions> {
  readonly catalogue: DhanCatalogue;
}

/** Puts Dhan in front of the exchange. */
export function createDhan({ exchange, catalogue, options, seed, file }: DhanSetup): SimulatedBroker<DhanReach> {
  const logins = new Map<string, DhanLogin>();
  for (const event of file.history) if (event.kind === 'login') logins.set(event.login.clientId, event.login);
  const tokens = createTokenBook(signingKey(file), file.history.filter(isTokenEvent), file.append);
  const rateLimits = createRateLimits(options.rateLimits, DOCUMENTED_LIMITS);
  const context: DhanContext = { exchange, tokens, logins, consents: new Map(), rateLimits, catalogue, options };

  const addAccount = (account: DhanAccountOptions): DhanCredentials => {
    openAccount(exchange, account);
    let login = logins.get(account.clientId);
    if (login === undefined) {
      login = newLogin(account, seed);
      logins.set(account.clientId, login);
      file.append({ kind: 'login', login });
    }
    const now = exchange.now();
    const latest = tokens.latest(account.clientId);
    const isAlive = latest !== undefined && tokens.check(latest.token, now) !== undefined;
    const { token } = isAlive ? latest : tokens.issue(account.clientId, 'web', now);
    return { ...login, accessToken: token };
  };
  const credentials = addAccount(options.account);

  return {
    frontEnd: createDhanFrontEnd(context),
    reach: (origin) => ({
      baseUrl: `${origin}/v2`,
      authUrl: origin,
      instrumentsUrl: `${origin}/api-data/api-scrip-master.csv`,
      detailedInstrumentsUrl: `${origin}/api-data/api-scrip-master-detailed.csv`,
      credentials,
      addAccount,
    }),
  };
}

export const isDhanEvent = (value: unknown): value is DhanEvent => hasKind(value);

/** When the newest token was made; 0 when there is none. A restarted clock must not run behind it. */
export function lastDhanEventMs(history: readonly DhanEvent[]): number {
  return history.reduce((last, event) => (event.kind === 'token-issued' ? event.issued.issuedAtMs : last), 0);
}

function openAccount(exchange: Exchange, options: DhanAccountOptions): void {
  if (exchange.account('dhan', options.clientId) !== undefined) return;
  const { clientId, cash, segments, dataPlan, holdings } = resolveDhanAccount(options);
  if (!/^\d{10}$/.test(clientId)) throw new Error(`A Dhan client id is ten digits, not ${clientId}`);
  exchange.run({
    kind: 'open-account',
    terms: {
      broker: 'dhan',
      clientId,
      cash,
      segments,
      dataPlan,
      holdings: holdings.map(({ instrument, quantity, averagePrice }) => {
        const instrumentId = exchange.find(instrument)?.instrument.id;
        if (instrumentId === undefined) throw new Error(`There is no instrument ${instrument}`);
        return { instrumentId, quantity, averagePrice };
      }),
    },
  });
}

/** The same seed and client id give the same PIN and secret. */
function newLogin({ clientId, pin, totpSecret }: DhanAccountOptions, seed: number): DhanLogin {
  const random = seededRandom(seedOf(`${seed}/${clientId}`));
  const drawnPin = String(Math.floor(random() * 1_000_000)).padStart(6, '0');
  const drawnSecret = newTotpSecret(random);
  const [apiKey, apiSecret] = [newTotpSecret(random).slice(0, 8).toLowerCase(), newTotpSecret(random).toLowerCase()];
  return { clientId, pin: pin ?? drawnPin, totpSecret: totpSecret ?? drawnSecret, apiKey, apiSecret };
}

function signingKey({ history, append }: StateFile<DhanEvent>): string {
  for (const event of history) if (event.kind === 'signing-key') return event.key;
  const key = randomBytes(32).toString('base64url');
  append({ kind: 'signing-key', key });
  return key;
}

function isTokenEvent(event: DhanEvent): event is TokenEvent {
  return event.kind === 'token-issued' || event.kind === 'tokens-killed';
}
