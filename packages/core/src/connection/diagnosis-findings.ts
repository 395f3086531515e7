import type { AlgoErrorCode } from '../errors/codes.js';
import { formatIst } from '../domain/time.js';
import { isClockOff } from './clock-offset.js';
import type { DiagnosisFacts, HostFacts, LiveFacts } from './diagnosis-facts.js';

/** One thing that is wrong, and what mends it. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'critical' | 'warning';
  readonly what: string;
  readonly next: string;
}

export type FindingCode =
  | 'name-not-found'
  | 'host-unreachable'
  | 'certificate-refused'
  | 'certificate-ends'
  | 'clock-off'
  | 'no-credentials'
  | 'credentials-incomplete'
  | 'credentials-shut'
  | 'credentials-unread'
  | 'never-connected'
  | 'log-in-refused'
  | 'log-in-needed'
  | 'wrong-account'
  | 'address-refused'
  | 'address-not-registered'
  | 'session-taken-over'
  | 'owned-elsewhere'
  | 'not-entitled'
  | 'broker-off'
  | 'maintenance'
  | 'broker-down'
  | 'not-connected'
  | 'session-ends'
  | 'breaker-open'
  | 'rate-used-up'
  | 'poor-health'
  | 'no-instruments'
  | 'instruments-old';

/** What to do, by what was found: said here and nowhere else. */
const NEXT: Readonly<Record<FindingCode, string>> = {
  'name-not-found':
    'Check this machine’s network and its DNS. If other names resolve, ask the broker whether it is down.',
  'host-unreachable':
    'Check the network, a firewall, and the local address or proxy of this connection. If other brokers answer, this one is down: wait, or trade elsewhere.',
  'certificate-refused':
    'Something between here and the broker may read along, or this machine’s clock or certificates are old. Do not log in before it is explained.',
  'certificate-ends': 'Nothing to do here: the broker renews it. If it does not, calls will fail from then on.',
  'clock-off': 'Set this machine’s clock by NTP. One-time codes and log-ins fail while it is wrong.',
  'no-credentials': 'Store this account’s credentials with credentials.put.',
  'credentials-incomplete': 'Store the missing fields with credentials.put.',
  'credentials-shut': 'Hand over the key that sealed them, or store the credentials again.',
  'credentials-unread': 'The store did not answer: look at its log, then ask again.',
  'never-connected': 'Call establishConnection.',
  'log-in-refused': 'Check the credentials at the broker, store them again, then call retryConnection.',
  'log-in-needed': 'Its owner logs in: store a fresh token, or use beginLogin; then call retryConnection.',
  'wrong-account': 'These credentials belong to another account: store the right ones.',
  'address-refused': 'Register this machine’s public address with the broker. Logging in again does not help.',
  'address-not-registered':
    'Register this address with the broker, or leave from one that is registered: orders would be refused.',
  'session-taken-over': 'Stop the other program or browser that logs in as this client, then call retryConnection.',
  'owned-elsewhere': 'Another process holds this account’s one session: stop it, then call retryConnection.',
  'not-entitled': 'Have the broker enable API trading or the segment for this account.',
  'broker-off': 'The broker is switched off for this user: call brokers.enable.',
  maintenance: 'The broker announced it: the connection comes back by itself when the window ends.',
  'broker-down': 'Nothing to do here: it is tried again by itself. Ask the broker’s status page.',
  'not-connected': 'Call retryConnection. If it fails again, read the code below.',
  'session-ends': 'Its owner logs in before then: the next session takes a person.',
  'breaker-open': 'The lane failed too often and rests. It opens again by itself once the broker answers.',
  'rate-used-up': 'The limit is used up, or the broker said "too many": calls wait. Send fewer; it passes by itself.',
  'poor-health': 'Calls fail or take long: see the last faults below, and the broker’s status page.',
  'no-instruments': 'Orders and quotes need the broker’s instruments: call instruments.refresh().',
  'instruments-old': 'Contracts may be missing: call instruments.refresh().',
};

/** What the code of a failed connection means for whoever mends it; the others pass by themselves. */
const BY_STATE: Partial<Readonly<Record<AlgoErrorCode, FindingCode>>> = {
  ALGO_LOGIN_REFUSED: 'log-in-refused',
  ALGO_LOGIN_NEEDED: 'log-in-needed',
  ALGO_NO_CREDENTIALS: 'no-credentials',
  ALGO_UNDECRYPTABLE: 'credentials-shut',
  ALGO_KEY_UNUSABLE: 'credentials-shut',
  ALGO_WRONG_ACCOUNT: 'wrong-account',
  ALGO_STATIC_IP_REFUSED: 'address-refused',
  ALGO_SESSION_TAKEN_OVER: 'session-taken-over',
  ALGO_CONNECTION_OWNED: 'owned-elsewhere',
  ALGO_NOT_ENTITLED: 'not-entitled',
  ALGO_BROKER_DISABLED: 'broker-off',
  ALGO_BROKER_UNREACHABLE: 'broker-down',
  ALGO_BROKER_UNAVAILABLE: 'broker-down',
  ALGO_REPLY_UNREADABLE: 'broker-down',
  ALGO_DEADLINE: 'broker-down',
  ALGO_CIRCUIT_OPEN: 'broker-down',
};

const DAY_MS = 86_400_000;
const CERTIFICATE_LEAD_MS = 7 * DAY_MS;
const SESSION_LEAD_MS = 30 * 60_000;
/** Masters are of a day; older than this, the last refresh was missed. */
const INSTRUMENTS_OLD_MS = DAY_MS;

/** Everything wrong in what was seen: what keeps a connection from working first. */
export function findingsOf(facts: DiagnosisFacts): readonly Finding[] {
  const found = [
    ...facts.hosts.flatMap((host) => ofHost(host, facts.atMs)),
    ...ofClock(facts),
    ...ofCredentials(facts),
    ...ofEgress(facts),
    ...(facts.live === null
      ? [warning('never-connected', 'No connection was made yet.')]
      : ofLive(facts.live, facts.atMs)),
  ];
  return [...found.filter(isCritical), ...found.filter((finding) => !isCritical(finding))];
}

const isCritical = ({ severity }: Finding): boolean => severity === 'critical';

const critical = (code: FindingCode, what: string): Finding => ({ code, severity: 'critical', what, next: NEXT[code] });
const warning = (code: FindingCode, what: string): Finding => ({ code, severity: 'warning', what, next: NEXT[code] });

/** What Node calls a certificate that nobody trusts, or that is another host's. */
const isCertificate = (why: string): boolean => /CERT|SELF_SIGNED|ALTNAME|VERIFY|ISSUER/.test(why);

function ofHost({ host, names, visit }: HostFacts, nowMs: number): readonly Finding[] {
  if (names?.ok === false) return [critical('name-not-found', `The name ${host} was not found (${names.why}).`)];
  if (visit === null) return [];
  if (!visit.ok) {
    const code = isCertificate(visit.why) ? 'certificate-refused' : 'host-unreachable';
    return [critical(code, `${host} could not be visited (${visit.why}).`)];
  }
  const { certificateEndsAtMs: endsAtMs } = visit;
  if (endsAtMs === null || endsAtMs - nowMs > CERTIFICATE_LEAD_MS) return [];
  return [warning('certificate-ends', `The certificate of ${host} ends ${formatIst(endsAtMs)} IST.`)];
}

function ofClock({ clock }: DiagnosisFacts): readonly Finding[] {
  if (clock === null || !isClockOff(clock)) return [];
  const seconds = Math.round(Math.abs(clock.offsetMs) / 1_000);
  const where = clock.offsetMs > 0 ? 'behind' : 'ahead of';
  return [critical('clock-off', `This machine’s clock is ${seconds} s ${where} the broker’s.`)];
}

function ofCredentials({ credentials }: DiagnosisFacts): readonly Finding[] {
  switch (credentials.kind) {
    case 'usable':
      return [];
    case 'none':
      return [critical('no-credentials', 'There are no credentials for this account.')];
    case 'incomplete':
      return [critical('credentials-incomplete', `The credentials miss ${credentials.missing.join(', ')}.`)];
    case 'shut': {
      const named = credentials.keyId === null ? '' : ` (key ${credentials.keyId})`;
      return [critical('credentials-shut', `The stored credentials cannot be opened${named}.`)];
    }
    case 'unread':
      return [warning('credentials-unread', `The credentials could not be looked up (${credentials.why}).`)];
  }
}

function ofEgress({ egress: { atBroker } }: DiagnosisFacts): readonly Finding[] {
  if (atBroker === null || atBroker.isRegistered !== false) return [];
  const from = atBroker.seen ?? atBroker.address ?? 'another address';
  const what = `Calls leave from ${from}; the broker has registered ${atBroker.registered.join(', ')}.`;
  return [critical('address-not-registered', what)];
}

function ofLive(live: LiveFacts, nowMs: number): readonly Finding[] {
  return [...ofState(live), ...ofSession(live, nowMs), ...ofTraffic(live), ...ofInstruments(live)];
}

function ofState({ state }: LiveFacts): readonly Finding[] {
  switch (state.status) {
    case 'connected':
      return [];
    case 'connecting':
      return [warning('not-connected', `It is being connected (${state.step}).`)];
    case 'disconnected':
      return [warning('not-connected', 'It is not connected.')];
    case 'maintenance':
      return [
        warning('maintenance', `The broker is in maintenance until ${formatIst(state.untilMs)} IST (${state.code}).`),
      ];
    case 'error':
      return [critical(BY_STATE[state.code] ?? 'not-connected', `Connecting failed with ${state.code}.`)];
  }
}

function ofSession({ session }: LiveFacts, nowMs: number): readonly Finding[] {
  const endsAtMs = session?.endsAtMs ?? null;
  if (session?.needsPerson !== true || endsAtMs === null || endsAtMs - nowMs > SESSION_LEAD_MS) return [];
  return [warning('session-ends', `The session ends ${formatIst(endsAtMs)} IST.`)];
}

function ofTraffic({ breakers, rates, health }: LiveFacts): readonly Finding[] {
  const shut = breakers.filter(({ state }) => state.kind !== 'closed');
  const usedUp = rates.filter(({ waitMs }) => waitMs > 0);
  const { connectionQuality: quality } = health;
  return [
    ...shut.map(({ lane, state }) => critical('breaker-open', `The breaker of the ${lane} lane is ${state.kind}.`)),
    ...usedUp.map(({ family, waitMs }) => {
      const what = `Calls of the family ${family} wait for ${Math.ceil(waitMs)} ms.`;
      return warning('rate-used-up', what);
    }),
    ...(quality === 'POOR' || quality === 'CRITICAL' ? [warning('poor-health', `The connection is ${quality}.`)] : []),
  ];
}

function ofInstruments({ instruments }: LiveFacts): readonly Finding[] {
  if (instruments === null) return [warning('no-instruments', 'No instruments were loaded.')];
  if (instruments.ageMs <= INSTRUMENTS_OLD_MS) return [];
  return [warning('instruments-old', `The instruments are ${Math.round(instruments.ageMs / 3_600_000)} hours old.`)];
}
