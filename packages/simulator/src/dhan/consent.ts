import type { Reply, WireCall } from '../wire.js';
import type { DhanContext } from './context.js';
import { json } from './replies.js';
import { loginRefused, tokenReply } from './session.js';

/** `POST /app/generate-consent?client_id=` with the key pair in headers: the first of three steps. */
export function generateConsent({ logins, consents }: DhanContext, call: WireCall): Reply {
  const login = logins.get(call.query.get('client_id') ?? '');
  if (login === undefined || !hasKeys(call, login)) return loginRefused('Invalid app id or secret');
  const consentAppId = `consent-${login.clientId}-${consents.size + 1}`;
  consents.set(consentAppId, login.clientId);
  return json(200, { consentAppId, consentAppStatus: 'GENERATED', status: 'success' });
}

/** The page where the person logs in; here it agrees at once and sends the browser on. */
export function consentPage({ consents, options }: DhanContext, call: WireCall): Reply {
  const consentAppId = call.query.get('consentAppId') ?? '';
  const clientId = consents.get(consentAppId);
  if (clientId === undefined) return loginRefused('Invalid consent');
  consents.delete(consentAppId);
  const tokenId = `token-${consentAppId}`;
  consents.set(tokenId, clientId);
  const location = `${options.redirectUrl}/?tokenId=${tokenId}`;
  return { status: 302, contentType: 'text/html', body: '', location };
}

/** `GET /app/consumeApp-consent?tokenId=` with the key pair: a token, once. */
export function consumeConsent({ logins, consents, tokens, options }: DhanContext, call: WireCall): Reply {
  const tokenId = call.query.get('tokenId') ?? '';
  const clientId = tokenId.startsWith('token-') ? consents.get(tokenId) : undefined;
  const login = clientId === undefined ? undefined : logins.get(clientId);
  if (login === undefined || !hasKeys(call, login)) return loginRefused('Invalid token id');
  consents.delete(tokenId);
  if (options.secondLogin === 'kills') tokens.killAll(login.clientId);
  return tokenReply(tokens.issue(login.clientId, 'totp', call.atMs));
}

const hasKeys = (
  call: WireCall,
  { apiKey, apiSecret }: { readonly apiKey: string; readonly apiSecret: string },
): boolean => call.headers.get('app_id') === apiKey && call.headers.get('app_secret') === apiSecret;
