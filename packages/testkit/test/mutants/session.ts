import { AlgoError, isAlgoError } from '@algo/core/adapter';
import type { BrokerAdapter, BrokerContext } from '@algo/core/adapter';
import { brokenAdapter } from './mutant.js';
import type { Mutant } from './mutant.js';

/** An adapter that writes a secret of the session into its log with every reading of the book. */
const logging = (what: string, spelled: (secret: string) => Readonly<Record<string, string>>): Mutant =>
  brokenAdapter(`the session token logged ${what}`, 'a placed order is there', (good, { logger }) => ({
    orderBook(call) {
      for (const secret of Object.values(call.session.secrets)) logger.debug('reading', spelled(secret.reveal()));
      return good.orderBook(call);
    },
  }));

const loggingCredentials = (good: BrokerAdapter, { logger }: BrokerContext): Partial<BrokerAdapter> => ({
  logIn(credentials, call) {
    logger.info('log-in', { pin: credentials.secrets['pin']?.reveal() ?? null });
    return good.logIn(credentials, call);
  },
});

/** Refused log-ins under another name. */
const refusing = (what: string, make: (text: string) => AlgoError): Mutant =>
  brokenAdapter(what, 'a wrong secret is refused', (good) => ({
    logIn: (credentials, call) =>
      good.logIn(credentials, call).catch((error: unknown) => {
        if (isAlgoError(error) && error.code === 'ALGO_LOGIN_REFUSED') throw make(error.details.brokerText);
        throw error;
      }),
  }));

const broker = 'dhan';

export const SESSION_MUTANTS: readonly Mutant[] = [
  logging('as it is', (token) => ({ token })),
  logging('within a sentence', (token) => ({ why: `with ${token} in hand` })),
  logging('in base64', (token) => ({ token: Buffer.from(token).toString('base64') })),
  logging('in hex', (token) => ({ token: Buffer.from(token).toString('hex').toUpperCase() })),
  logging('URL-encoded', (token) => ({ query: new URLSearchParams({ token }).toString() })),
  brokenAdapter('the PIN logged', 'every log-in yields a session', loggingCredentials),
  refusing('a refused log-in as a refusal of anything', (brokerText) => {
    return new AlgoError('ALGO_BROKER_REFUSED', { broker, reason: 'other', brokerCode: null, brokerText });
  }),
  refusing('a refused log-in as a broker that is down', () => {
    return new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker, status: null, brokerCode: null });
  }),
  refusing('a refused log-in as a session that ended', () => {
    return new AlgoError('ALGO_SESSION_EXPIRED', { broker, brokerCode: null });
  }),
  brokenAdapter('a pasted token refused as a broker that is down', 'a wrong secret is refused', (good) => ({
    profile: (call) =>
      good.profile(call).catch(() => {
        throw new AlgoError('ALGO_BROKER_UNAVAILABLE', { broker, status: null, brokerCode: null });
      }),
  })),
];
