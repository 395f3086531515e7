import { z } from 'zod';
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

/** What a host hands over to build its manager. Defaults live in this file and nowhere else. */
export interface AlgoOptions {
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
}

export interface ResolvedAlgoOptions {
  readonly store: StoreDefinition;
  readonly keys: KeyProvider;
  readonly brokers: ReadonlyMap<string, BrokerDefinition>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly lanes: Readonly<Record<Lane, LaneOptions>>;
  readonly localAddress: string | null;
}

const DEFAULT_SOCKETS = { orders: 8, reads: 4, data: 4, auth: 1 } satisfies Record<Lane, number>;

const withMethods = (...names: readonly string[]): z.ZodType =>
  z.custom(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      names.every((name) => typeof Reflect.get(value, name) === 'function'),
    `must have the methods ${names.join(', ')}`,
  );

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
});

/**
 * Checks everything at once and fills in what was left out.
 *
 * @throws {AlgoError} `ALGO_INVALID_INPUT` with every problem found
 */
export function resolveAlgoOptions(options: AlgoOptions): ResolvedAlgoOptions {
  const parsed = shape.safeParse(options);
  if (!parsed.success) throw new AlgoError('ALGO_INVALID_INPUT', { problems: parsed.error.issues.map(problemOf) });
  const { store, keys, logger = silentLogger, random = systemRandom(), localAddress = null } = options;
  const clock = inWholeMilliseconds(options.clock ?? systemClock());
  return { store, keys, logger, clock, random, localAddress, brokers: byId(options.brokers), lanes: lanesOf(options) };
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
