import { AlgoError } from '@algo/core/adapter';
import type { InputProblem, Root } from '@algo/core/adapter';

/** This machine by number; a name such as `localhost` may be pointed anywhere. */
export const isLoopback = (hostname: string): boolean => hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

/** A configured origin is https on the house's own domain, or this machine. Nothing is said of an empty one. */
export function checkOwn(field: string, origin: string, domain: string, problems: InputProblem[]): void {
  if (!URL.canParse(origin)) return;
  const { protocol, hostname } = new URL(origin);
  if (isLoopback(hostname)) return;
  const isOwn = hostname === domain || hostname.endsWith(`.${domain}`);
  if (!isOwn || protocol !== 'https:')
    problems.push({ field, problem: `must be an https host of ${domain}, or of this machine` });
}

/**
 * Where a host lookup sends us, held against the hosts we know before any secret goes there.
 *
 * @param asked the origin of the lookup: it may name this machine only when it is on it itself
 * @throws {AlgoError} `ALGO_HOST_NOT_ALLOWED`
 */
export function rootFromLookup(connectionString: string, asked: string, hosts: readonly string[]): Root {
  const url = URL.canParse(connectionString) ? new URL(connectionString) : null;
  if (url === null) throw notAllowed('(unreadable)', 'the host lookup gave something that is no URL');
  const isPlain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  const isLocal = isLoopback(url.hostname) && isLoopback(new URL(asked).hostname);
  const isOwn = url.protocol === 'https:' && hosts.includes(url.hostname);
  if (isPlain && (isLocal || isOwn)) return { origin: url.origin, path: url.pathname.replace(/\/+$/, '') };
  throw notAllowed(
    url.hostname.slice(0, 253),
    `the host lookup may name https on ${hosts.join(', ')}; see lookupHosts`,
  );
}

const notAllowed = (host: string, why: string): AlgoError<'ALGO_HOST_NOT_ALLOWED'> =>
  new AlgoError('ALGO_HOST_NOT_ALLOWED', { host, why });
