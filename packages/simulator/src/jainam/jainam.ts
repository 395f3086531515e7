import { randomBytes } from 'node:crypto';
import type { BrokerSetup, SimulatedBroker } from '../broker.js';
import { hasKind } from '../broker.js';
import { createRateLimits } from '../rate-limits.js';
import type { StateFile } from '../state.js';
import type { JainamContext } from './context.js';
import { createJainamFrontEnd } from './front-end.js';
import type { JainamLogin } from './logins.js';
import { newLogin, openAccounts } from './logins.js';
import { jainamCatalogue } from './masters/catalogue.js';
import type { JainamAccountOptions, ResolvedJainamOptions } from './options.js';
import { resolveJainamAccount } from './options.js';
import { USUAL_LIMITS } from './rate-limits.js';
import type { SessionEvent } from './sessions.js';
import { createSessionBook } from './sessions.js';
import { createSubscriptions } from './subscriptions.js';

/** All that a client needs to reach its account. */
export interface JainamCredentials {
  readonly interactiveApiKey: string;
  readonly interactiveApiSecret: string;
  readonly marketApiKey: string;
  readonly marketApiSecret: string;
  /** The user id that a log-in answers. */
  readonly clientId: string;
  /** The clients the log-in trades for: itself, or those of a dealer. */
  readonly clientCodes: readonly string[];
}

/** Where a client finds Jainam's XTS. */
export interface JainamReach {
  /** `http://127.0.0.1:PORT`; the prefixes `/interactive` and `/apimarketdata` or `/apibinarymarketdata` come after it. */
  readonly baseUrl: string;
  /** Where the interactive base is asked for before a log-in. */
  readonly hostLookupUrl: string;
  readonly credentials: JainamCredentials;
  /** Opens one more account, or finds it again after a restart. */
  addAccount(account: JainamAccountOptions): JainamCredentials;
}

/** What the front end keeps over a restart. Subscriptions and look-up keys are not among it. */
export type JainamEvent =
  | { readonly kind: 'signing-key'; readonly key: string }
  | { readonly kind: 'login'; readonly login: JainamLogin }
  | SessionEvent;

export const isJainamEvent = (value: unknown): value is JainamEvent => hasKind(value);

/** When the newest session was opened; 0 when there is none. A restarted clock must not run behind it. */
export function lastJainamEventMs(history: readonly JainamEvent[]): number {
  return history.reduce((last, event) => (event.kind === 'session-opened' ? event.session.issuedAtMs : last), 0);
}

/** Puts Jainam's XTS in front of the exchange. */
export function createJainam({
  exchange,
  instruments,
  options,
  seed,
  file,
}: BrokerSetup<JainamEvent, ResolvedJainamOptions>): SimulatedBroker<JainamReach> {
  let origin = '';
  const logins = new Map<string, JainamLogin>();
  for (const event of file.history) if (event.kind === 'login') logins.set(event.login.userId, event.login);
  const context: JainamContext = {
    exchange,
    sessions: createSessionBook(signingKey(file), file.history.filter(isSessionEvent), file.append),
    logins,
    rateLimits: createRateLimits(options.rateLimits, USUAL_LIMITS),
    catalogue: jainamCatalogue(instruments),
    subscriptions: createSubscriptions(options.subscriptionLimit),
    options,
    hostKeys: new Set(),
    origin: () => origin,
  };

  const addAccount = (given: JainamAccountOptions): JainamCredentials => {
    const account = resolveJainamAccount(given);
    openAccounts(exchange, account);
    let login = logins.get(account.clientId);
    if (login === undefined) {
      login = newLogin(account, seed);
      logins.set(account.clientId, login);
      file.append({ kind: 'login', login });
    }
    return credentialsOf(login);
  };
  const credentials = addAccount(options.account);

  return {
    frontEnd: createJainamFrontEnd(context),
    reach(served) {
      origin = served;
      return { baseUrl: served, hostLookupUrl: `${served}/hostlookup`, credentials, addAccount };
    },
  };
}

function credentialsOf({ userId, clientCodes, interactive, market }: JainamLogin): JainamCredentials {
  return {
    interactiveApiKey: interactive.appKey,
    interactiveApiSecret: interactive.secretKey,
    marketApiKey: market.appKey,
    marketApiSecret: market.secretKey,
    clientId: userId,
    clientCodes,
  };
}

function signingKey({ history, append }: StateFile<JainamEvent>): string {
  for (const event of history) if (event.kind === 'signing-key') return event.key;
  const key = randomBytes(32).toString('base64url');
  append({ kind: 'signing-key', key });
  return key;
}

function isSessionEvent(event: JainamEvent): event is SessionEvent {
  return event.kind === 'session-opened' || event.kind === 'session-closed';
}
