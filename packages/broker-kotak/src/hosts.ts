import { isIP } from 'node:net';
import { AlgoError } from '@algo/core/adapter';
import type { Root } from '@algo/core/adapter';

/** Everything Kotak answers on is below this name. */
export const DOMAIN = 'kotaksecurities.com';

/** What a host named by a reply is held against. */
export interface HostRules {
  readonly hosts: readonly string[];
  /** True when log-ins go to this machine, for a simulator: only then may it name this machine. */
  readonly isLocal: boolean;
}

/**
 * A URL that a reply of Kotak names, taken apart, once it is certain that it leads to Kotak: https and one of the known
 * hosts. Nothing secret is sent anywhere before.
 *
 * @throws {AlgoError} `ALGO_HOST_NOT_ALLOWED`
 */
export function trustedUrl(text: string, rules: HostRules): Root {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw refused('', 'it is not a URL');
  const { hostname, username, password, search, hash, protocol, pathname, origin } = url;
  if (username !== '' || password !== '' || search !== '' || hash !== '') {
    throw refused(hostname, 'it carries more than a host and a path');
  }
  if (!PATH.test(pathname)) throw refused(hostname, 'its path holds other characters than file names do');
  if (!(rules.isLocal && isLoopback(hostname))) checkHost(hostname, protocol, rules.hosts);
  return { origin, path: pathname.replace(/\/+$/, '') };
}

function checkHost(hostname: string, protocol: string, hosts: readonly string[]): void {
  if (protocol !== 'https:') throw refused(hostname, 'only https is used outside this machine');
  if (hosts.includes(hostname)) return;
  const why = hostname.endsWith(`.${DOMAIN}`)
    ? 'this host of Kotak is not known yet: check it with Kotak and add it to sessionHosts'
    : `only hosts of ${DOMAIN} are Kotak's`;
  throw refused(hostname, why);
}

const PATH = /^\/[\w./-]*$/;

/** `localhost` is left out: a hosts file may point it anywhere. */
export function isLoopback(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

const refused = (host: string, why: string): AlgoError<'ALGO_HOST_NOT_ALLOWED'> =>
  new AlgoError('ALGO_HOST_NOT_ALLOWED', { host, why });
