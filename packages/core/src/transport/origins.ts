import { isIP } from 'node:net';
import { AlgoError } from '../errors/algo-error.js';

/**
 * Which origins an adapter may talk to: the hosts its definition names over https, and this machine over anything, for
 * the simulator. Everything else is refused before a credential could be sent there.
 *
 * @throws {AlgoError} `ALGO_HOST_NOT_ALLOWED`
 */
export function checkOrigin(origin: string, allowedHosts: readonly string[]): void {
  const url = URL.canParse(origin) ? new URL(origin) : null;
  if (url === null) throw refused(origin, 'it is not a URL');
  if (url.username !== '' || url.password !== '')
    throw refused(url.hostname, 'a URL must not carry a user or password');
  if (url.origin !== origin) throw refused(url.hostname, 'an origin is scheme, host and port only');
  if (isLoopback(url.hostname)) return;
  if (url.protocol !== 'https:') throw refused(url.hostname, 'only https is used outside this machine');
  if (!allowedHosts.includes(url.hostname))
    throw refused(url.hostname, `the broker's hosts are ${allowedHosts.join(', ')}`);
}

/** `localhost` is left out: a hosts file may point it anywhere. */
function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

const refused = (host: string, why: string): AlgoError => new AlgoError('ALGO_HOST_NOT_ALLOWED', { host, why });
