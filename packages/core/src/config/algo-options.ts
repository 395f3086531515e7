import { z } from 'zod';
import type { HostEnvironment } from '../connection/environment-credentials.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { Lane } from '../contract/http.js';
import type { KeyProvider } from '../contract/key-provider.js';
import type { StoreDefinition } from '../contract/store.js';
import { AlgoError } from '../errors/algo-error.js';
import { systemClock } from '../runtime/clock.js';
import type { Clock } from '../runtime/clock.js';
import { silentLogger } from '../runtime/logger.js';
import type { Logger } from '../runtime/logger.js';
import { systemRandom } from '../runtime/random.js';
import type { Random } from '../runtime/random.js';
import type { LaneOptions } from '../transport/lane.js';
import { CONNECTION_SHAPE, connectionProblems, resolveConnectionOptions } from './connection-options.js';
import type { ConnectionOptions, ResolvedConnectionOptions } from './connection-options.js';

/** What a host hands over to build its manager. Defaults live in this file and nowhere else. */
export interface AlgoOptions extends ConnectionOptions {
  /** Where credentials, sessions and the order journal live, for example `sqlite({ path })`. */
  readonly store: StoreDefinition;
  /** Where master keys come from, for example `fileKey(path)`. */
  readonly keys: KeyProvider;
  /** The brokers this host trades with, for example `[dhan()]`. */
  readonly brokers: readonly BrokerDefinition[];
  /** Receives structured lines without secrets. @default none */
  readonly logger?: Logger;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default the system's */
  readonly random?: Random;
  /** Sockets per account and lane; of those of the order lane one is kept for cancels. */
  readonly sockets?: Partial<Readonly<Record<Lane, number>>>;
  /** Local address every connection leaves from, for brokers that know their clients by it. @default the system's choice */
  readonly localAddress?: string;
  /** Variables to fall back on where the store has no credentials. @default none: nothing is read from the environment */
  readonly environment?: EnvironmentOptions;
  /** What is kept opened in memory, over all users. */
  readonly cache?: CacheOptions;
}

/** Bounds of the caches. What is pushed out, or is older, is read from the store again. */
export interface CacheOptions {
  /** Most sessions. @default 10000 */
  readonly sessions?: number;
  /** Most configuration records. @default 10000 */
  readonly configuration?: number;
  /** Milliseconds. Changes are heard of at once; this is for those that were not. @default 300000 */
  readonly ttlMs?: number;
}

/** One person's variables: they serve this user's account at each broker, and never anybody else. */
export interface EnvironmentOptions {
  /** For example `process.env`; read anew at each log-in. Which names are looked for, a broker's template tells. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly userId: string;
  /** @default 'main' */
  readonly account?: string;
}

export interface ResolvedAlgoOptions extends ResolvedConnectionOptions {
  readonly store: StoreDefinition;
  readonly keys: KeyProvider;
  readonly brokers: ReadonlyMap<string, BrokerDefinition>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly lanes: Readonly<Record<Lane, LaneOptions>>;
  readonly localAddress: string | null;
  readonly environment: HostEnvironment | null;
  readonly cache: Readonly<Required<CacheOptions>>;
}

const DEFAULT_SOCKETS = { orders: 8, reads: 4, data: 4, auth: 1 } satisfies Record<Lane, number>;

const DEFAULT_ACCOUNT = 'main';

const DEFAULT_CACHE = { sessions: 10_000, configuration: 10_000, ttlMs: 300_000 } satisfies CacheOptions;

const withMethods = (...names: readonly string[]): z.ZodType =>
  z.custom(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      names.every((name) => typeof Reflect.get(value, name) === 'function'),
    `must have the methods ${names.join(', ')}`,
  );

const name = z.string().min(1).max(200);

const sockets = z.number().int().min(1).max(256);

const shape = z.strictObject({
  store: withMethods('open'),
  keys: withMethods('current', 'byId'),
  brokers: z.array(withMethods('connect')).min(1),
  logger: withMethods('debug', 'info', 'warn', 'error').optional(),
  clock: withMethods('now', 'monotonic', 'every', 'after').optional(),
  random: withMethods('fill', 'fraction').optional(),
  sockets: z
    .strictObject({
      orders: sockets.min(2, 'must be 2 or more: one is kept for cancels').optional(),
      reads: sockets.optional(),
      data: sockets.optional(),
      auth: sockets.optional(),
    })
    .optional(),
  localAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
  environment: z
    .strictObject({
      variables: z.custom((value) => typeof value === 'object' && value !== null, 'must be texts by name'),
      userId: name,
      account: name.optional(),
    })
    .optional(),
  ...CONNECTION_SHAPE,
  cache: z
    .strictObject({
      sessions: z.number().int().min(1).max(1_000_000).optional(),
      configuration: z.number().int().min(1).max(1_000_000).optional(),
      ttlMs: z.number().int().min(1_000).max(86_400_000).optional(),
    })
    .optional(),
});

/**
 * Checks everything at once and fills in what was left out.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem found
 */
export function resolveAlgoOptions(options: AlgoOptions): ResolvedAlgoOptions {
  const parsed = shape.safeParse(options);
  const problems = parsed.success ? connectionProblems(options) : parsed.error.issues.map(problemOf);
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  const { store, keys, logger = silentLogger, random = systemRandom(), localAddress = null } = options;
  const clock = inWholeMilliseconds(options.clock ?? systemClock());
  const environment = environmentOf(options);
  const brokers = byId(options.brokers);
  const cache = cacheOf(options);
  const connections = resolveConnectionOptions(options);
  const lanes = lanesOf(options);
  return { ...connections, store, keys, logger, clock, random, localAddress, brokers, environment, cache, lanes };
}

/** Wall times are stored, and stores keep whole milliseconds; a host's clock may tell fractions. */
const inWholeMilliseconds = (clock: Clock): Clock => ({
  now: () => Math.floor(clock.now()),
  monotonic: () => clock.monotonic(),
  every: (everyMs, task) => clock.every(everyMs, task),
  after: (afterMs, task, options) => clock.after(afterMs, task, options),
});

function byId(brokers: readonly BrokerDefinition[]): ReadonlyMap<string, BrokerDefinition> {
  const map = new Map<string, BrokerDefinition>();
  for (const broker of brokers) {
    if (map.has(broker.id)) {
      const problem = `names ${broker.id} twice; several accounts of one broker share its definition`;
      throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field: 'brokers', problem }] });
    }
    map.set(broker.id, broker);
  }
  return map;
}

function cacheOf({ cache: given = {} }: AlgoOptions): ResolvedAlgoOptions['cache'] {
  const { sessions = DEFAULT_CACHE.sessions, configuration = DEFAULT_CACHE.configuration } = given;
  return { sessions, configuration, ttlMs: given.ttlMs ?? DEFAULT_CACHE.ttlMs };
}

const environmentOf = ({ environment }: AlgoOptions): HostEnvironment | null =>
  environment === undefined ? null : { ...environment, account: environment.account ?? DEFAULT_ACCOUNT };

function lanesOf({ sockets: given = {} }: AlgoOptions): ResolvedAlgoOptions['lanes'] {
  const lane = (name: Lane, keptForExits: number): LaneOptions => ({
    sockets: given[name] ?? DEFAULT_SOCKETS[name],
    keptForExits,
  });
  return { orders: lane('orders', 1), reads: lane('reads', 0), data: lane('data', 0), auth: lane('auth', 0) };
}

/** Zod's messages do not repeat values, which may be secrets; only names of keys. */
const problemOf = ({ path, message }: z.core.$ZodIssue): { field: string; problem: string } => ({
  field: path.join('.') || 'options',
  problem: message,
});
