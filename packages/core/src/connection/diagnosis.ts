import type { Egress } from '../contract/egress.js';
import type { ConnectionRef } from '../domain/order.js';
import { AlgoError } from '../errors/algo-error.js';
import type { Clock } from '../runtime/clock.js';
import { errorName } from '../runtime/error-name.js';
import { readClock } from './clock-offset.js';
import type { ClockReading } from './clock-offset.js';
import type {
  CredentialFacts,
  DiagnosedConnection,
  Diagnosis,
  DiagnosisFacts,
  EgressFacts,
  HostFacts,
  SessionFacts,
} from './diagnosis-facts.js';
import { findingsOf } from './diagnosis-findings.js';
import type { HostVisit, NetworkProbe } from './diagnosis-probe.js';
import { writeDiagnosis } from './diagnosis-text.js';

export interface DiagnosisOptions {
  readonly ref: ConnectionRef;
  /** Names of the broker's hosts. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly probe: NetworkProbe;
  readonly egress: Egress;
  /** Which credentials a log-in would use. */
  readonly credentials: () => Promise<CredentialFacts>;
  /** Null where nobody connected since the user began. */
  readonly connection: DiagnosedConnection | null;
}

/** Whatever has not answered by then is told as such. */
const LONGEST_MS = 10_000;
/** Some brokers have a dozen session hosts; the first ones tell enough. */
const MOST_HOSTS = 8;

/** Looks at everything between a user and one account, all at once. Throws for nothing that it finds. */
export async function diagnose(options: DiagnosisOptions): Promise<Diagnosis> {
  const { ref, clock, connection } = options;
  const began = clock.monotonic();
  const limit = new Limit(clock);
  try {
    const [visits, credentials, session] = await Promise.all([
      Promise.all(options.hosts.slice(0, MOST_HOSTS).map((host) => visitHost(host, options, limit))),
      limit.or(options.credentials(), (why): CredentialFacts => ({ kind: 'unread', why })),
      limit.or<SessionFacts | null>(connection?.session() ?? Promise.resolve(null), () => null),
    ]);
    const facts: DiagnosisFacts = {
      connection: ref,
      atMs: clock.now(),
      tookMs: clock.monotonic() - began,
      hosts: visits.map(({ facts: host }) => host),
      clock: visits.find((visit) => visit.clock !== null)?.clock ?? null,
      egress: egressOf(options),
      credentials,
      live: connection === null ? null : lookAt(connection, session),
    };
    const findings = findingsOf(facts);
    return { ...facts, findings, text: writeDiagnosis(facts, findings) };
  } finally {
    limit.end();
  }
}

/** What can be had in time. */
class Limit {
  readonly #abort = new AbortController();
  readonly #cancel: () => void;

  constructor(clock: Clock) {
    this.#cancel = clock.after(LONGEST_MS, () => this.#abort.abort(), { background: true });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The work's value, or what `otherwise` makes of the name of its failure. */
  async or<Value>(work: Promise<Value>, otherwise: (why: string) => Value): Promise<Value> {
    try {
      return await this.#inTime(work);
    } catch (error) {
      return otherwise(errorName(error));
    }
  }

  end(): void {
    this.#cancel();
    this.#abort.abort();
  }

  #inTime<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      const over = (): void => reject(new AlgoError('ALGO_DEADLINE', { deadlineMs: LONGEST_MS }));
      this.signal.addEventListener('abort', over, { once: true });
      work.then(resolve, reject).finally(() => this.signal.removeEventListener('abort', over));
    });
  }
}

interface VisitedHost {
  readonly facts: HostFacts;
  readonly clock: ClockReading | null;
}

/** Behind a proxy the way from here is another one than that of the calls: it is not walked. */
async function visitHost(host: string, options: DiagnosisOptions, limit: Limit): Promise<VisitedHost> {
  const { probe, egress, clock } = options;
  if (egress.proxy !== undefined) return { facts: { host, names: null, visit: null }, clock: null };
  const began = clock.monotonic();
  const names = await limit.or<HostFacts['names']>(
    probe.addresses(host).then((addresses) => ({ ok: true, addresses, tookMs: clock.monotonic() - began })),
    (why) => ({ ok: false, why }),
  );
  if (names?.ok !== true) return { facts: { host, names, visit: null }, clock: null };
  const { localAddress = null } = egress;
  const found = await limit.or<HostVisit | string>(
    probe.visit(host, { localAddress, signal: limit.signal }),
    (why) => why,
  );
  if (typeof found === 'string') return { facts: { host, names, visit: { ok: false, why: found } }, clock: null };
  const { protocol, certificateEndsAtMs, connectMs, replyMs, date } = found;
  return {
    facts: { host, names, visit: { ok: true, protocol, certificateEndsAtMs, connectMs, replyMs } },
    clock: readClock(date, clock.now(), replyMs),
  };
}

function egressOf({ egress, connection }: DiagnosisOptions): EgressFacts {
  const { localAddress = null, publicAddress = null, proxy } = egress;
  return { localAddress, publicAddress, proxyUrl: proxy?.url ?? null, atBroker: connection?.egress ?? null };
}

const lookAt = (connection: DiagnosedConnection, session: SessionFacts | null): DiagnosisFacts['live'] => ({
  state: connection.state,
  health: connection.health(),
  session,
  breakers: connection.breakers(),
  rates: connection.rates(),
  faults: connection.faults(),
  instruments: connection.instruments,
});
