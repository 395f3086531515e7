import { z } from 'zod';

/** What a test and its trader say to each other, as JSON. */
const ref = z.object({ broker: z.string(), account: z.string() });

const rule = z.union([
  z.object({
    on: z.literal('TIMEOUT'),
    misses: z.number().optional(),
    then: z.enum(['RETRY', 'SWITCH', 'QUEUE']),
    expiresMs: z.number().optional(),
  }),
  z.object({
    on: z.literal('ERROR_RATE'),
    share: z.number().optional(),
    then: z.enum(['RETRY', 'SWITCH', 'QUEUE']),
    expiresMs: z.number().optional(),
  }),
]);
export type Rule = z.infer<typeof rule>;

const broker = z.object({ urls: z.record(z.string(), z.string()), fields: z.record(z.string(), z.string()) });
export type BrokerTask = z.infer<typeof broker>;

const task = z.object({
  database: z.string(),
  key: z.string(),
  /** From this machine's clock to the simulator's, in milliseconds. */
  clockOffsetMs: z.number(),
  brokers: z.object({ dhan: broker.optional(), angel: broker.optional() }),
  strategy: z.object({
    primary: ref,
    backups: z.array(ref),
    rules: z.array(rule),
    recovery: z.object({ healthyMs: z.number() }).optional(),
  }),
  /** Ready only when every connection was tried. */
  waits: z.boolean(),
});
export type Task = z.infer<typeof task>;

const command = z.object({
  id: z.number(),
  what: z.enum(['place', 'cancel', 'orders', 'quotes', 'funds', 'queued', 'rules', 'delay', 'close']),
  clientOrderId: z.string().optional(),
  deadlineMs: z.number().optional(),
  rules: z.array(rule).optional(),
});
export type Command = z.infer<typeof command>;

const line = z.object({
  step: z.enum(['ready', 'answer', 'settled', 'connection', 'reconnect', 'switched', 'recovered']),
  id: z.number().optional(),
  error: z.string().optional(),
  clientOrderId: z.string().optional(),
  kind: z.enum(['accepted', 'rejected', 'not-sent', 'unknown', 'queued']).optional(),
  brokerOrderId: z.string().nullish(),
  expiresAtMs: z.number().nullish(),
  broker: z.string().optional(),
  status: z.string().optional(),
  why: z.string().optional(),
  stale: z.boolean().optional(),
  attempt: z.number().optional(),
  waitMs: z.number().optional(),
  maxMs: z.number().optional(),
  queued: z.array(z.string()).optional(),
  orders: z
    .array(
      z.object({
        clientOrderId: z.string(),
        tag: z.string(),
        state: z.string(),
        broker: z.string(),
        /** What proves that it was not sent, or why its gate stopped it. */
        why: z.string().nullable(),
      }),
    )
    .optional(),
});
export type Line = z.infer<typeof line>;

export const parseTask = (text = ''): Task => task.parse(JSON.parse(text));
export const parseCommand = (text: string): Command => command.parse(JSON.parse(text));
export const parseLine = (text: string): Line => line.parse(JSON.parse(text));
