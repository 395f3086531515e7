import { Secret } from '@algo/core/adapter';
import type { BrokerReply, Credentials, RedirectLogin, Root } from '@algo/core/adapter';
import { fieldOf, refusedLogin, secretOf } from './session.js';
import type { Sessions } from './session.js';
import { answerOf, jsonOrUndefined } from './transport.js';
import type { Transport } from './transport.js';
import { readConsentId } from './wire/account.js';
import { field, isFields, optionalId } from './wire/read.js';

/**
 * The log-in on Dhan's own page: a consent is made, the person agrees to it, and the token id that the page sends back is
 * traded for an access token. Dhan returns no state and no consent id, so that nothing ties a callback to what was begun but the
 * client that the token is for.
 *
 * @see DhanHQ v2 docs, "Authentication", captured 2026-07-15
 */
export function createConsentLogin(transport: Transport, sessions: Sessions, auth: Root): RedirectLogin {
  const keysOf = (credentials: Credentials): { readonly apiKey: Secret; readonly apiSecret: Secret } => ({
    apiKey: secretOf(credentials, 'apiKey'),
    apiSecret: secretOf(credentials, 'apiSecret'),
  });

  return {
    async begin(credentials, _state, call) {
      const request = {
        method: 'POST',
        path: '/app/generate-consent',
        keys: keysOf(credentials),
        secretQuery: { client_id: fieldOf(credentials, 'clientId') },
      } as const;
      const consentAppId = readConsentId(answerOf(await transport.consent(request, call), 'auth'));
      return {
        url: `${auth.origin}${auth.path}/login/consentApp-login?consentAppId=${encodeURIComponent(consentAppId)}`,
        memo: { consentAppId: new Secret(consentAppId) },
        returnsState: false,
      };
    },

    async complete(credentials, returned, _begun, call) {
      const tokenId = returned['tokenId'];
      if (tokenId === undefined || tokenId === '') throw refusedLogin(null, 'the page sent no token id back');
      const request = {
        path: '/app/consumeApp-consent',
        keys: keysOf(credentials),
        secretQuery: { tokenId: new Secret(tokenId) },
      };
      const byGet = await transport.consent({ ...request, method: 'GET' }, call);
      // The docs and the SDK use GET; a third-party client posts and is answered. Which one stays is unsure.
      const reply = byGet.status === 405 ? await transport.consent({ ...request, method: 'POST' }, call) : byGet;
      const clientId = fieldOf(credentials, 'clientId');
      if (isForAnother(reply, clientId)) throw refusedLogin(null, 'the page was signed in to by another client');
      return sessions.minted('consent', clientId, reply);
    },
  };
}

/** Whether the answer has a token and does not say that it is this client's; whatever else it is, is read as ever. */
function isForAnother(reply: BrokerReply, clientId: string): boolean {
  const body = jsonOrUndefined(reply);
  if (!isFields(body) || field(body, 'accessToken') === undefined) return false;
  try {
    return optionalId(body, 'dhanClientId') !== clientId;
  } catch {
    return true;
  }
}
