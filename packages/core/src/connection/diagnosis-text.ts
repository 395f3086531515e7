import { formatIst } from '../domain/time.js';
import { isClockOff } from './clock-offset.js';
import type { DiagnosisFacts, HostFacts, LiveFacts } from './diagnosis-facts.js';
import type { CredentialFacts, EgressFacts } from './diagnosis-facts.js';
import type { Finding } from './diagnosis-findings.js';
import type { ConnectionState } from './connection-state.js';

type Line = readonly [label: string, text: string];

/** A diagnosis as lines that a person reads on the telephone: what to do first, then what was seen. */
export function writeDiagnosis(facts: DiagnosisFacts, findings: readonly Finding[]): string {
  const { broker, account } = facts.connection;
  const seen: readonly Line[] = [
    ...(facts.live === null ? [['Connection', 'never made'] as const] : linesOf(facts.live)),
    ['Credentials', credentialText(facts.credentials)],
    ...facts.hosts.map((host): Line => [`Host ${host.host}`, hostText(host)]),
    ['Clock', clockText(facts)],
    ['Egress', egressText(facts.egress)],
  ];
  return [
    `${broker}/${account} at ${ist(facts.atMs)}, looked at for ${Math.round(facts.tookMs)} ms`,
    '',
    ...adviceLines(findings),
    '',
    ...seen.map(([label, text]) => `${label}: ${text}`),
    ...(facts.live === null ? [] : faultLines(facts.live)),
  ].join('\n');
}

const ist = (epochMs: number): string => `${formatIst(epochMs)} IST`;

function adviceLines(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return ['Nothing is wrong here.'];
  const lines = findings.map(({ what, next }, at) => `${at + 1}. ${what} ${next}`);
  return ['What is wrong, and what to do:', ...lines];
}

function linesOf({ state, session, breakers, rates, health, instruments }: LiveFacts): readonly Line[] {
  const open = breakers.filter(({ state: { kind } }) => kind !== 'closed');
  const grade = health.connectionQuality ?? 'not known yet';
  const stale = health.stale ? ' (of a while ago)' : '';
  return [
    ['Connection', stateText(state)],
    ['Session', sessionText(session)],
    ['Breakers', open.length === 0 ? 'all closed' : open.map((one) => `${one.lane} ${one.state.kind}`).join(', ')],
    ['Health', `${grade}${stale}, ${health.failures} of ${health.calls} calls failed in 5 minutes`],
    ...rates.map(({ family, segment, waitMs, shared }): Line => {
      const budget = shared ? ', from a budget that processes share' : '';
      const free = waitMs > 0 ? `calls wait for ${Math.ceil(waitMs)} ms` : 'free';
      return [`Rate of ${segment === '' ? family : `${family} in ${segment}`}`, `${free}${budget}`];
    }),
    [
      'Instruments',
      instruments === null
        ? 'none loaded'
        : `${instruments.rows}, loaded ${ist(instruments.loadedAtMs)} from ${instruments.source}`,
    ],
  ];
}

function stateText(state: ConnectionState): string {
  const since = `since ${ist(state.sinceMs)}`;
  switch (state.status) {
    case 'connected':
    case 'disconnected':
      return `${state.status} ${since}`;
    case 'connecting':
      return `connecting (${state.step}) ${since}`;
    case 'maintenance':
      return `maintenance until ${ist(state.untilMs)}, ${state.code}`;
    case 'error': {
      const again = state.retryAtMs === null ? '' : `, tried again at ${ist(state.retryAtMs)}`;
      return `error ${since}: ${state.code}${state.needsPerson ? ', needs a person' : again}`;
    }
  }
}

function sessionText(session: LiveFacts['session']): string {
  if (session === null) return 'none';
  const ends = session.endsAtMs === null ? 'the broker does not say when it ends' : `ends ${ist(session.endsAtMs)}`;
  return `${ends}; the next one ${session.needsPerson ? 'takes a person' : 'is made by itself'}`;
}

function credentialText(credentials: CredentialFacts): string {
  switch (credentials.kind) {
    case 'usable':
      return `from the ${credentials.source}, log-in by ${credentials.method}`;
    case 'incomplete':
      return `missing ${credentials.missing.join(', ')}`;
    case 'shut':
      return `cannot be opened${credentials.keyId === null ? '' : `, sealed with key ${credentials.keyId}`}`;
    case 'none':
      return 'none';
    case 'unread':
      return `not read (${credentials.why})`;
  }
}

function hostText({ names, visit }: HostFacts): string {
  if (names === null) return 'looked up by the proxy';
  if (!names.ok) return `not found (${names.why})`;
  const found = names.addresses.join(', ');
  if (visit === null) return `${found}; not visited`;
  if (!visit.ok) return `${found}; not reached (${visit.why})`;
  const until = visit.certificateEndsAtMs === null ? '' : `, certificate until ${ist(visit.certificateEndsAtMs)}`;
  const times = `connected in ${Math.round(visit.connectMs)} ms, answered in ${Math.round(visit.replyMs)} ms`;
  return `${found}; ${visit.protocol ?? 'TLS'}, ${times}${until}`;
}

function clockText({ clock }: DiagnosisFacts): string {
  if (clock === null) return 'the broker’s was not seen';
  const { offsetMs, uncertaintyMs } = clock;
  const verdict = isClockOff(clock) ? 'off' : 'in order';
  return `${verdict}; the broker’s is ${offsetMs} ms ahead, give or take ${uncertaintyMs}`;
}

function egressText({ localAddress, proxyUrl, publicAddress, atBroker }: EgressFacts): string {
  const way = proxyUrl === null ? `from ${localAddress ?? 'the system’s address'}` : `through ${proxyUrl}`;
  const known = atBroker === null ? 'not told' : atBroker.registered.join(', ') || 'none';
  return `${way}; public address: ${atBroker?.seen ?? publicAddress ?? 'not told'}; registered at the broker: ${known}`;
}

function faultLines({ faults }: LiveFacts): readonly string[] {
  if (faults.length === 0) return ['Last faults: none'];
  return ['Last faults:', ...faults.map(({ atMs, lane, code }) => `  ${ist(atMs)} ${lane} ${code}`)];
}
