import { diagnose } from '../connection/diagnosis.js';
import type { CredentialFacts, Diagnosis } from '../connection/diagnosis-facts.js';
import { systemProbe } from '../connection/diagnosis-probe.js';
import type { NetworkProbe } from '../connection/diagnosis-probe.js';
import type { Connection } from '../connection/connection.js';
import type { CredentialSource } from '../connection/credential-source.js';
import type { BrokerDefinition } from '../contract/broker-definition.js';
import type { Egress } from '../contract/egress.js';
import type { AccountKey, Store } from '../contract/store.js';
import type { ConnectionRef } from '../domain/order.js';
import type { Clock } from '../runtime/clock.js';
import type { LineParts } from './build-line.js';
import type { CredentialDesk } from './credential-desk.js';
import type { CredentialExplanation } from './credential-explanation.js';
import { ConnectionTester } from './test-connection.js';
import type { ConnectionTest, ConnectionTestRequest } from './test-connection.js';
import { testLineApart, testLineOverStored } from './test-connection-line.js';

export interface SupportDeskOptions {
  readonly userId: string;
  readonly clock: Clock;
  /** @throws {AlgoError} `ALGO_UNKNOWN_BROKER` */
  readonly definitionOf: (broker: string) => BrokerDefinition;
  readonly credentials: Pick<CredentialDesk, 'explain'>;
  readonly source: CredentialSource;
  readonly store: () => Promise<Pick<Store, 'sessions'>>;
  /** Those that were made, in whatever state. */
  readonly connections: () => readonly Connection[];
  /** How that account's calls leave this machine. */
  readonly egressOf: (key: AccountKey) => Egress;
  /** What connections of this user are built with. */
  readonly parts: () => Promise<LineParts>;
}

/** What helps whoever wants to know why an account does not work: a test of credentials, and a diagnosis. */
export interface SupportDesk {
  test(request: ConnectionTestRequest): Promise<ConnectionTest>;
  diagnose(ref: ConnectionRef, options: DiagnoseOptions): Promise<Diagnosis>;
}

export interface DiagnoseOptions {
  /** How the broker's hosts are looked at. @default the system's resolver, and a visit of its own to each */
  readonly probe?: NetworkProbe;
}

export function createSupportDesk(options: SupportDeskOptions): SupportDesk {
  const { userId, clock, definitionOf, credentials, source, store, connections, egressOf, parts } = options;

  const connectionOf = ({ broker, account }: ConnectionRef): Connection | null =>
    connections().find((connection) => connection.broker === broker && connection.account === account) ?? null;

  async function accountsInUse(broker: string): Promise<readonly string[]> {
    const now = clock.now();
    const stored = await (await store()).sessions.list(userId);
    const living = stored.filter(({ expiresAtMs }) => expiresAtMs === null || expiresAtMs > now);
    const connected = connections().filter(({ state }) => state.status === 'connected');
    const all = [...living, ...connected].flatMap((ref) => (ref.broker === broker ? [ref.account] : []));
    return [...new Set(all)];
  }

  const tester = new ConnectionTester({
    userId,
    clock,
    definitionOf,
    source,
    connectionOf,
    accountsInUse,
    overStored: async (key) => testLineOverStored(key, definitionOf(key.broker), await parts()),
    apart: async (key, definition, given) => testLineApart(key, definition, given, await parts()),
  });

  return {
    test: (request) => tester.test(request),
    async diagnose({ broker, account }, { probe = systemProbe({ monotonic: () => clock.monotonic() }) }) {
      return diagnose({
        ref: { broker, account },
        hosts: definitionOf(broker).hosts,
        clock,
        probe,
        egress: egressOf({ userId, broker, account }),
        credentials: async () => credentialFacts(await credentials.explain(broker, account)),
        connection: connectionOf({ broker, account })?.diagnosed() ?? null,
      });
    },
  };
}

function credentialFacts({ source, state, method, methods, problems }: CredentialExplanation): CredentialFacts {
  if (source === 'none') return { kind: 'none' };
  if (state?.kind === 'undecryptable') return { kind: 'shut', keyId: state.keyId };
  if (state?.kind === 'unchecked') return { kind: 'unread', why: state.why };
  if (method !== null) return { kind: 'usable', source, method };
  const missing = problems.length > 0 ? problems.map(({ field }) => field) : (methods[0]?.missing ?? []);
  return { kind: 'incomplete', missing };
}
