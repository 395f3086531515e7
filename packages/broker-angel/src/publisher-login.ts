import { Secret } from '@algo/core/adapter';
import type { Clock, Credentials, RedirectLogin } from '@algo/core/adapter';
import type { ResolvedAngelConfig } from './config.js';
import { factsOf, fieldOf, openSession, refusedLogin, secretOf } from './session.js';
import { headerSafe, withoutBearer } from './wire/account.js';

/**
 * The log-in on Angel's own page. It comes back to the address set with the app, with `auth_token` and `feed_token`; some
 * report `refresh_token` and `state` as well, which is not certain.
 *
 * @see SmartAPI docs, "Publisher login", copy of 2024
 */
export function createPublisherLogin(clock: Clock, { publisher, publisherState }: ResolvedAngelConfig): RedirectLogin {
  return {
    async begin(credentials, state) {
      const url = new URL(publisher.origin + publisher.path);
      // The page wants the key in its address, where the person's browser shows it.
      url.searchParams.set('api_key', secretOf(credentials, 'apiKey').reveal());
      url.searchParams.set('state', state);
      return { url: url.href, memo: { state: new Secret(state) }, returnsState: publisherState === 'required' };
    },

    async complete(credentials, returned, begun) {
      checkState(returned['state'], begun.memo['state'], publisherState === 'required');
      const token = withoutBearer(returned['auth_token'] ?? '');
      if (token === '') throw refusedLogin(null, 'the page gave no token');
      const tokens = {
        jwtToken: headerSafe(token, 'auth_token'),
        refreshToken: returned['refresh_token'] || null,
        feedToken: returned['feed_token'] || null,
      };
      const session = await openSession(newSession(credentials, tokens), clock);
      if (session.expiresAtMs !== null && session.expiresAtMs <= clock.now())
        throw refusedLogin(null, 'the token has expired');
      return session;
    },
  };
}

const newSession = (credentials: Credentials, tokens: Parameters<typeof openSession>[0]['tokens']) => ({
  clientId: fieldOf(credentials, 'clientCode'),
  apiKey: secretOf(credentials, 'apiKey'),
  facts: factsOf(credentials),
  tokens,
});

/** @throws {AlgoError} `ALGO_LOGIN_REFUSED` for a callback that does not belong to what was begun */
function checkState(returned: string | undefined, begun: Secret | undefined, isRequired: boolean): void {
  if (returned === undefined && !isRequired) return;
  if (returned === undefined) throw refusedLogin(null, 'the page did not give our state back');
  if (begun === undefined || returned !== begun.reveal()) throw refusedLogin(null, 'the page gave another state back');
}
