import type { Lane } from '../contract/http.js';
import type { ConnectionRef } from '../domain/order.js';
import type { BreakerState } from '../resilience/circuit-breaker.js';
import type { RateReport } from '../transport/rate-desk.js';
import type { ClockReading } from './clock-offset.js';
import type { InstrumentReport } from './connection-instruments.js';
import type { ConnectionState } from './connection-state.js';
import type { FaultNote } from './diagnosis-faults.js';
import type { Finding } from './diagnosis-findings.js';
import type { EgressReport } from './egress-check.js';
import type { BrokerHealthMetrics } from './health-monitor.js';

/** Everything between a user and one account, for whoever helps them. Nothing in it is secret. */
export interface Diagnosis extends DiagnosisFacts {
  /** What is wrong and what to do next, worst first; empty when nothing was found. */
  readonly findings: readonly Finding[];
  /** All of it as plain lines for a person. */
  readonly text: string;
}

/** What was seen. Times are epoch milliseconds. */
export interface DiagnosisFacts {
  readonly connection: ConnectionRef;
  readonly atMs: number;
  readonly tookMs: number;
  readonly hosts: readonly HostFacts[];
  /** The broker's clock beside ours; null where no host showed one. */
  readonly clock: ClockReading | null;
  readonly egress: EgressFacts;
  readonly credentials: CredentialFacts;
  /** Null where nobody connected since the user began. */
  readonly live: LiveFacts | null;
}

export interface HostFacts {
  readonly host: string;
  /** Null behind a proxy, which looks the name up itself. */
  readonly names:
    | { readonly ok: true; readonly addresses: readonly string[]; readonly tookMs: number }
    | { readonly ok: false; readonly why: string }
    | null;
  /** Null where nobody went there: behind a proxy, or for want of an address. */
  readonly visit:
    | {
        readonly ok: true;
        readonly protocol: string | null;
        readonly certificateEndsAtMs: number | null;
        readonly connectMs: number;
        readonly replyMs: number;
      }
    | { readonly ok: false; readonly why: string }
    | null;
}

export interface EgressFacts {
  readonly localAddress: string | null;
  /** Without its credentials. */
  readonly proxyUrl: string | null;
  /** As the host told it; null when it did not. */
  readonly publicAddress: string | null;
  /** What the broker says of it; null where it does not tell, or was not asked yet. */
  readonly atBroker: EgressReport | null;
}

/** Whether a log-in could be made. Names of fields alone. */
export type CredentialFacts =
  | { readonly kind: 'usable'; readonly source: 'store' | 'environment'; readonly method: string }
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] }
  | { readonly kind: 'shut'; readonly keyId: string | null }
  | { readonly kind: 'none' }
  /** They could not be read just now. */
  | { readonly kind: 'unread'; readonly why: string };

/** The connection as it is now. */
export interface LiveFacts {
  readonly state: ConnectionState;
  readonly health: BrokerHealthMetrics;
  /** Null while there is none. */
  readonly session: SessionFacts | null;
  readonly breakers: readonly BreakerFacts[];
  /** Of each family that was used. */
  readonly rates: readonly RateReport[];
  /** The last ones, newest first. */
  readonly faults: readonly FaultNote[];
  /** Null while none were ever loaded. */
  readonly instruments: InstrumentReport | null;
}

export interface SessionFacts {
  /** Null when the broker does not say. */
  readonly endsAtMs: number | null;
  /** Whether the next one takes a person. */
  readonly needsPerson: boolean;
}

export interface BreakerFacts {
  readonly lane: Lane;
  readonly state: BreakerState;
}

/** What a diagnosis asks of a connection. */
export interface DiagnosedConnection {
  readonly state: ConnectionState;
  readonly egress: EgressReport | null;
  readonly instruments: InstrumentReport | null;
  health(): BrokerHealthMetrics;
  session(): Promise<SessionFacts | null>;
  breakers(): readonly BreakerFacts[];
  rates(): readonly RateReport[];
  faults(): readonly FaultNote[];
}
