import { z } from 'zod';
import type { HealthThresholds } from '../connection/health-alerts.js';
import { maintenanceProblems } from '../connection/maintenance.js';
import type { MaintenanceWindow } from '../contract/broker-definition.js';
import type { Egress } from '../contract/egress.js';
import type { RateWindow } from '../contract/rate-limits.js';
import type { AccountKey } from '../contract/store.js';
import type { InputProblem } from '../errors/codes.js';
import type { AlgoHooks } from '../runtime/hooks.js';
import type { UserRates } from '../transport/rate-desk.js';
import { checkedRates } from './check-rates.js';

/** Where each account's calls leave from, and who may share an address. */
export interface EgressOptions {
  /** Asked once for each connection that is made. @default the system's choice for all */
  readonly of?: (key: AccountKey) => Egress | undefined;
  /** Users that may leave from one address: each list is one family. @default none */
  readonly families?: readonly (readonly string[])[];
  /** True lets accounts of several users trade from one address. Read market rules section 4 first. @default false */
  readonly acceptShared?: boolean;
}

/** Bounds of each user, so that a loop gone wild takes nothing from others. */
export interface LimitOptions {
  /** Connections, whatever their state; null for no limit. @default 100 */
  readonly connectionsPerUser?: number | null;
  /**
   * Reads and orders under way on all of a user's connections; null for no limit. One more is refused with
   * `ALGO_TOO_MANY`, not made to wait. Cancels and orders marked `reduceOnly` always pass. @default null
   */
  readonly callsPerUser?: number | null;
  /** Sockets open at once. @default 256 */
  readonly socketsPerUser?: number;
  /** Sockets open at once over all users. @default 4096 */
  readonly sockets?: number;
  /** Orders that wait in the queue. @default 100 */
  readonly queuedPerUser?: number;
  /** Windows on top of the brokers' own, over all of a user's brokers. @default none */
  readonly rates?: (userId: string) => UserRates;
}

export interface HealthOptions {
  readonly thresholds?: HealthThresholds;
  /** After so long without a call a connection is read from; null for never. @default 120000 */
  readonly probeIdleMs?: number | null;
}

export interface SessionOptions {
  /** How long before a session's end a person is told that a log-in is needed. @default 1800000 */
  readonly loginNeededLeadMs?: number;
}

/** When sockets are opened ahead of need on trading days, so that the day's first order pays no TLS handshake. */
export interface WarmUpOptions {
  /** IST, `HH:MM`. @default '09:14' */
  readonly fromIst?: string;
  /** @default '09:16' */
  readonly untilIst?: string;
}

/** Everything about connections that a host may set. */
export interface ConnectionOptions {
  readonly egress?: EgressOptions;
  readonly limits?: LimitOptions;
  readonly health?: HealthOptions;
  readonly sessions?: SessionOptions;
  /** False opens no socket ahead of need. @default from 09:14 to 09:16 IST, Monday to Friday */
  readonly warmUp?: WarmUpOptions | false;
  /** Maintenance windows by broker id, instead of the broker package's own. */
  readonly maintenance?: Readonly<Record<string, readonly MaintenanceWindow[]>>;
  /** Callbacks on the call path, for logs and metrics. */
  readonly hooks?: AlgoHooks;
}

export interface ResolvedConnectionOptions {
  readonly egress: Readonly<Required<EgressOptions>>;
  readonly limits: Readonly<Required<LimitOptions>>;
  readonly health: { readonly thresholds: HealthThresholds; readonly probeIdleMs: number | null };
  readonly sessions: Readonly<Required<SessionOptions>>;
  /** Null for never. */
  readonly warmUp: Readonly<Required<WarmUpOptions>> | null;
  readonly maintenance: Readonly<Record<string, readonly MaintenanceWindow[]>>;
  readonly hooks: AlgoHooks;
}

const DEFAULT_LIMITS = {
  connectionsPerUser: 100,
  callsPerUser: null,
  socketsPerUser: 256,
  sockets: 4_096,
  queuedPerUser: 100,
} satisfies LimitOptions;

const DEFAULT_LEAD_MS = 30 * 60_000;
/** Longer than sockets live unused, so that an idle connection holds none most of the time. */
const DEFAULT_PROBE_IDLE_MS = 120_000;
const DEFAULT_WARM_UP = { fromIst: '09:14', untilIst: '09:16' };

const call = z.custom((value) => typeof value === 'function', 'must be a function');
const count = z.number().int().min(1).max(1_000_000);
const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM');

const threshold = z.strictObject({
  warning: z.number().min(0).nullable(),
  critical: z.number().min(0).nullable(),
});

/** Part of the options' shape; what a function answers is checked when it is asked. */
export const CONNECTION_SHAPE = {
  egress: z
    .strictObject({
      of: call.optional(),
      families: z.array(z.array(z.string().min(1)).min(1)).optional(),
      acceptShared: z.boolean().optional(),
    })
    .optional(),
  limits: z
    .strictObject({
      connectionsPerUser: count.nullable().optional(),
      callsPerUser: count.nullable().optional(),
      socketsPerUser: count.optional(),
      sockets: count.optional(),
      queuedPerUser: count.optional(),
      rates: call.optional(),
    })
    .optional(),
  health: z
    .strictObject({
      thresholds: z
        .strictObject({
          errorRate: threshold.optional(),
          responseMs: threshold.optional(),
          authFailures: threshold.optional(),
          instrumentLookupFailures: threshold.optional(),
        })
        .optional(),
      probeIdleMs: z.number().int().min(1_000).nullable().optional(),
    })
    .optional(),
  sessions: z.strictObject({ loginNeededLeadMs: z.number().int().min(0).max(86_400_000).optional() }).optional(),
  warmUp: z
    .union([z.literal(false), z.strictObject({ fromIst: timeOfDay.optional(), untilIst: timeOfDay.optional() })])
    .optional(),
  maintenance: z
    .record(
      z.string(),
      z.array(z.strictObject({ from: timeOfDay, to: timeOfDay, days: z.array(z.string()).optional() })),
    )
    .optional(),
  hooks: z
    .strictObject({
      onCall: call.optional(),
      onOrder: call.optional(),
      onSession: call.optional(),
      onConnection: call.optional(),
      onBreaker: call.optional(),
      onRate: call.optional(),
    })
    .optional(),
};

/** What the shape alone does not tell. */
export const connectionProblems = ({ maintenance = {} }: ConnectionOptions): readonly InputProblem[] =>
  Object.entries(maintenance).flatMap(([broker, windows]) => maintenanceProblems(`maintenance.${broker}`, windows));

export function resolveConnectionOptions(options: ConnectionOptions): ResolvedConnectionOptions {
  const { egress = {}, limits = {}, health = {}, sessions = {}, warmUp = {}, maintenance = {}, hooks = {} } = options;
  return {
    egress: {
      of: egress.of ?? (() => undefined),
      families: egress.families ?? [],
      acceptShared: egress.acceptShared ?? false,
    },
    limits: { ...DEFAULT_LIMITS, ...given(limits), rates: ratesOf(limits) },
    health: { thresholds: given(health.thresholds ?? {}), probeIdleMs: probeIdleOf(health) },
    sessions: { loginNeededLeadMs: sessions.loginNeededLeadMs ?? DEFAULT_LEAD_MS },
    warmUp: warmUp === false ? null : { ...DEFAULT_WARM_UP, ...given(warmUp) },
    maintenance,
    hooks,
  };
}

const probeIdleOf = ({ probeIdleMs }: HealthOptions): number | null =>
  probeIdleMs === undefined ? DEFAULT_PROBE_IDLE_MS : probeIdleMs;

/** Without what is named and left undefined, as a host without types may write it: a default stands there. */
function given<Options extends object>(options: Options): Options {
  const left = { ...options };
  for (const key of Object.keys(left)) if (Reflect.get(left, key) === undefined) Reflect.deleteProperty(left, key);
  return left;
}

function ratesOf({ rates }: LimitOptions): (userId: string) => UserRates {
  return rates === undefined ? noRates : (userId) => checkedRates(rates, userId);
}

const NONE: readonly RateWindow[] = [];
const noRates = (): UserRates => ({ orders: NONE, reads: NONE });
