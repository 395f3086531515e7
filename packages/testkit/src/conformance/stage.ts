import assert from 'node:assert/strict';
import { isAlgoError, parsePrice, Secret } from '@algo/core/adapter';
import type {
  AlgoError,
  AlgoErrorCode,
  BrokerAdapter,
  BrokerCall,
  BrokerHttp,
  BrokerOrder,
  BrokerSession,
  CommandReply,
  Credentials,
  InstrumentLookup,
  Listing,
  LoginMethod,
  PlaceCommand,
} from '@algo/core/adapter';
import { createFakeClock } from '../fake-clock.js';
import type { FakeClock } from '../fake-clock.js';
import { cannedHttp, loopbackHttp } from './loopback-http.js';
import type { RecordingHttp } from './loopback-http.js';
import { createSecretWatch } from './secret-watch.js';
import type { SecretWatch } from './secret-watch.js';
import type {
  BrokerSubject,
  CannedReply,
  ConformanceOptions,
  SubjectInstrument,
  SubjectSetup,
  Venue,
} from './subject.js';

/** One broker, logged in, with its instruments loaded: what a test works on. */
export interface Stage {
  readonly options: ConformanceOptions;
  readonly subject: BrokerSubject;
  readonly venue: Venue;
  readonly clock: FakeClock;
  readonly http: RecordingHttp;
  readonly adapter: BrokerAdapter;
  /** A call signed with the session of the log-in. */
  readonly call: BrokerCall;
  readonly listings: readonly Listing[];
  /** Knows every credential of the subject and every secret of a session that was used. */
  readonly secrets: SecretWatch;
  listing(of: SubjectInstrument): Listing;
  /** The same account over replies that are always alike. */
  canned(reply: CannedReply): { readonly adapter: BrokerAdapter; readonly logged: readonly string[] };
  /** The same account at the same venue with a master that is empty, as before its first load. */
  withoutMaster(): BrokerAdapter;
  logIn(method: LoginMethod): Promise<BrokerSession>;
  callOf(session: BrokerSession): BrokerCall;
  /** A limit buy well below the market, which rests. */
  resting(changes?: Partial<PlaceCommand>): PlaceCommand;
  /** Places it and fails unless it is acknowledged. */
  placed(changes?: Partial<PlaceCommand>): Promise<string>;
  /** The order as the broker shows it; fails when there is none. */
  seen(brokerOrderId: string): Promise<BrokerOrder>;
}

/** Sets the stage, runs the test, and takes it down whatever happens. No test may leave a secret in the log. */
export async function onStage(
  options: ConformanceOptions,
  run: (stage: Stage) => Promise<void>,
  setup: Omit<SubjectSetup, 'clock'> & { readonly loginMethod?: string } = {},
): Promise<void> {
  const { loginMethod, ...account } = setup;
  await withSubject(
    options,
    async (subject, clock) => {
      const stage = await setUp(options, subject, clock, loginMethod);
      await run(stage);
      stage.secrets.assertNoneLogged();
    },
    account,
  );
}

/** A fresh broker that nobody has logged in to. */
export async function withSubject(
  options: ConformanceOptions,
  run: (subject: BrokerSubject, clock: FakeClock) => Promise<void>,
  account: Omit<SubjectSetup, 'clock'> = {},
): Promise<void> {
  const clock = createFakeClock();
  const subject = await options.subject({ clock, ...account });
  try {
    await run(subject, clock);
  } finally {
    subject.venue.releaseHung();
    await subject.close();
  }
}

async function setUp(
  options: ConformanceOptions,
  subject: BrokerSubject,
  clock: FakeClock,
  loginMethod?: string,
): Promise<Stage> {
  const { definition, venue } = subject;
  const http = loopbackHttp(definition.id);
  const secrets = createSecretWatch();
  secrets.remember(...storedSecrets(subject));
  const listings: Listing[] = [];
  const connected = (over: BrokerHttp, master = listings): { adapter: BrokerAdapter; logged: string[] } => {
    const logged: string[] = [];
    const logger = secrets.loggerInto(logged);
    const adapter = definition.connect({ http: over, instruments: lookupIn(master), clock, logger });
    return { adapter, logged };
  };
  const callOf = (session: BrokerSession): BrokerCall => {
    secrets.remember(...Object.values(session.secrets));
    return callAt(clock, session);
  };
  const { adapter } = connected(http);
  const logIn = (method: LoginMethod): Promise<BrokerSession> =>
    adapter.logIn(credentialsOf(subject, method), callAt(clock, null));
  const first = loginsOf(subject).find(({ id }) => loginMethod === undefined || id === loginMethod);
  assert.ok(first, 'the subject has credentials for no login method of the template');
  const call = callOf(await logIn(first));
  const master = await adapter.instruments(call);
  for await (const listing of master.listings) listings.push(listing);

  const listing = ({ instrument }: SubjectInstrument): Listing => {
    const found = listings.find((candidate) => candidate.instrument === instrument);
    assert.ok(found, `the broker lists no ${instrument}`);
    return found;
  };
  const { share } = options.instruments;
  const resting: Stage['resting'] = (changes = {}) => ({
    tag: tagOf(1),
    listing: listing(share),
    side: 'BUY',
    quantity: 10,
    type: 'LIMIT',
    price: parsePrice(roundedDown(venue.exchange.lastPrice(share.venue) * 0.99)),
    triggerPrice: null,
    product: options.product ?? 'MIS',
    validity: 'DAY',
    ...changes,
  });

  return {
    options,
    subject,
    venue,
    clock,
    http,
    adapter,
    call,
    listings,
    secrets,
    listing,
    logIn,
    resting,
    canned: (reply) => connected(cannedHttp(definition.id, reply)),
    withoutMaster: () => connected(http, []).adapter,
    callOf,
    async placed(changes) {
      const reply = await adapter.placeOrder(resting(changes), call);
      assert.equal(reply.kind, 'acknowledged', JSON.stringify(reply));
      return reply.kind === 'acknowledged' ? reply.brokerOrderId : '';
    },
    async seen(brokerOrderId) {
      const order = await adapter.order(brokerOrderId, call);
      assert.ok(order, `the broker shows no order ${brokerOrderId}`);
      return order;
    },
  };
}

/** Runs the test once for each login method, logged in that way. */
export async function onEveryStage(
  options: ConformanceOptions,
  run: (stage: Stage, method: LoginMethod) => Promise<void>,
): Promise<void> {
  let methods: readonly LoginMethod[] = [];
  await withSubject(options, async (subject) => {
    methods = loginsOf(subject);
  });
  for (const method of methods) await onStage(options, (stage) => run(stage, method), { loginMethod: method.id });
}

/** The login methods that the subject has credentials for, in the template's order. */
export const loginsOf = ({ definition, logins }: BrokerSubject): readonly LoginMethod[] =>
  definition.credentials.methods.filter(({ id, redirect }) => logins[id] !== undefined && redirect !== true);

export function credentialsOf({ definition, logins }: BrokerSubject, method: LoginMethod): Credentials {
  const stored = logins[method.id] ?? {};
  const fields: Record<string, string> = {};
  const secrets: Record<string, Secret> = {};
  for (const { name, secret } of definition.credentials.fields) {
    const value = stored[name];
    if (value === undefined) continue;
    if (secret) secrets[name] = new Secret(value);
    else fields[name] = value;
  }
  return { method: method.id, fields, secrets };
}

/** Every secret value that the subject's user has stored. */
function storedSecrets({ definition, logins }: BrokerSubject): readonly string[] {
  const names = definition.credentials.fields.filter(({ secret }) => secret).map(({ name }) => name);
  return Object.values(logins).flatMap((stored) => names.flatMap((name) => stored[name] ?? []));
}

export function callAt(clock: FakeClock, session: BrokerSession | null): BrokerCall {
  return {
    get session(): BrokerSession {
      assert.ok(session, 'there is no session yet');
      return session;
    },
    startedAtMs: clock.now(),
    remainingMs: () => 5_000,
    signal: new AbortController().signal,
  };
}

/** Tags as core makes them, letters and the digits 2 to 7: another one for each count. */
export function tagOf(count: number, length = 10): string {
  let rest = count;
  let tag = '';
  for (; tag.length < length; rest = Math.floor(rest / 32)) tag = (LETTERS[rest % 32] ?? 'A') + tag;
  return tag;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What came of something that may throw: a reply, or the error's code. */
export async function endOf(
  work: Promise<CommandReply>,
): Promise<CommandReply | { kind: 'threw'; code: string; effect: string }> {
  try {
    return await work;
  } catch (error) {
    assert.ok(isAlgoError(error), `it threw something that is not an AlgoError: ${String(error)}`);
    return { kind: 'threw', code: error.code, effect: error.effect };
  }
}

/** One member for each code, so that the code tells the details. */
type AnyAlgoError = { [Code in AlgoErrorCode]: AlgoError<Code> }[AlgoErrorCode];

/** The error it ends with; null when it ends well. */
export async function errorOf(work: Promise<unknown>): Promise<AnyAlgoError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    assert.ok(isAlgoError(error), `it threw something that is not an AlgoError: ${String(error)}`);
    return error;
  }
}

/** The code of the error it ends with, or `none`. */
export async function codeOf(work: Promise<unknown>): Promise<AlgoErrorCode | 'none'> {
  return (await errorOf(work))?.code ?? 'none';
}

/** Fails unless the adapter refuses with this code before any request went out. */
export async function assertRefusedUnsent(
  { http }: Stage,
  work: () => Promise<unknown>,
  code: AlgoErrorCode,
  what: string,
): Promise<void> {
  const before = http.requests.length;
  assert.equal(await codeOf(work()), code, what);
  assert.equal(http.requests.length, before, `${what}: a request went out`);
}

/** A multiple of every tick that a share has. */
export const roundedDown = (price: number): number => Math.max(1, Math.floor(price));

function lookupIn(listings: readonly Listing[]): InstrumentLookup {
  return {
    byToken: (segment, token) =>
      listings.find((listing) => listing.segment === segment && listing.token === token) ?? null,
    bySymbol(segment, symbol) {
      const named = listings.filter((listing) => listing.segment === segment && listing.symbol === symbol);
      return named.length === 1 ? (named[0] ?? null) : null;
    },
    find: (instrument) => listings.find((listing) => listing.instrument === instrument) ?? null,
  };
}
