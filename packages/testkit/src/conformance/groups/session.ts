import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Secret } from '@algo/core/adapter';
import type { BrokerSession, Credentials, LoginMethod, SessionRules } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { callAt, codeOf, credentialsOf, errorOf, loginsOf, onEveryStage, onStage } from '../stage.js';
import type { Stage } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';

/** Some brokers give no second session at once, and a one-time code is good once. */
const BETWEEN_LOGINS_MS = 150_000;

/** Log-in, renewal, log-out: whose session it is, when it ends, and what a second one does to the first. */
export function sessionGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('session', () => {
    test('every log-in yields a session of the account that was meant, which ends when the rules say', () =>
      onEveryStage(options, async ({ adapter, call, subject, clock }) => {
        const { clientId } = await adapter.profile(call);
        assert.equal(call.session.clientId, clientId);
        assert.ok(clientId.length > 0);
        assertEnd(call.session, subject.definition.capabilities.session, clock.now());
      }));

    test('a wrong secret is refused by the code that stops a second try, and nothing of it is told', () =>
      onEveryStage(options, assertSecretsCount));

    test('a second log-in does to the first what the capabilities say', () =>
      onStage(options, async (stage) => {
        const method = loginsOf(stage.subject).find(({ unattended }) => unattended);
        if (method === undefined) return;
        await stage.clock.advance(BETWEEN_LOGINS_MS);
        await stage.logIn(method);
        const first = await codeOf(stage.adapter.profile(stage.call));
        const { secondLogin } = stage.subject.definition.capabilities.session;
        if (secondLogin === 'ends-the-first') assert.equal(first, 'ALGO_SESSION_EXPIRED');
        if (secondLogin === 'leaves-the-first') assert.equal(first, 'none');
      }));

    test('a session that the broker no longer takes is told apart from every other failure', () =>
      onStage(options, async ({ adapter, venue, call }) => {
        venue.inject({ operation: '*', kind: 'expiredToken', times: 'always' });
        assert.equal(await codeOf(adapter.profile(call)), 'ALGO_SESSION_EXPIRED');
        assert.equal(await codeOf(adapter.orderBook(call)), 'ALGO_SESSION_EXPIRED');
        venue.clearFaults();
        assert.equal(await codeOf(adapter.profile(call)), 'none');
      }));

    test('a renewable session is renewed into one that works, any other is not', () =>
      onEveryStage(options, async ({ adapter, call, callOf, clock }) => {
        await clock.advance(BETWEEN_LOGINS_MS);
        const renewed = await adapter.renew(call);
        assert.equal(renewed !== null, call.session.renewable);
        if (renewed === null) return;
        assert.equal((await adapter.profile(callOf(renewed))).clientId, call.session.clientId);
        assertEnd(renewed, null, clock.now());
      }));

    test('a log-out ends the session where the broker has one', () =>
      onStage(options, async ({ adapter, call }) => {
        const ended = await adapter.logOut(call);
        const after = await codeOf(adapter.profile(call));
        assert.equal(after, ended ? 'ALGO_SESSION_EXPIRED' : 'none');
      }));
  });
}

/** Log-ins on the broker's own page. */
export function redirectGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('redirect log-in', () => {
    test('begins at an address, and completes with what the page gives back', () =>
      onStage(options, async ({ adapter, subject, callOf, clock }) => {
        const method = subject.definition.credentials.methods.find(({ redirect }) => redirect === true);
        assert.ok(method && adapter.redirectLogin && subject.followRedirect, 'there is no redirect log-in');
        const credentials = credentialsOf(subject, method);
        const call = callAt(clock, null);
        const begun = await adapter.redirectLogin.begin(credentials, 'state-of-one-use', call);
        assert.ok(URL.canParse(begun.url));
        const returned = await subject.followRedirect(begun.url);
        if (begun.returnsState) assert.equal(returned['state'], 'state-of-one-use');
        const session = await adapter.redirectLogin.complete(credentials, returned, begun, call);
        assert.equal((await adapter.profile(callOf(session))).clientId, session.clientId);
        assert.equal(await codeOf(adapter.redirectLogin.complete(credentials, {}, begun, call)), 'ALGO_LOGIN_REFUSED');
      }));
  });
}

function assertEnd({ expiresAtMs }: BrokerSession, rules: SessionRules | null, nowMs: number): void {
  if (expiresAtMs === null) return;
  assert.ok(expiresAtMs > nowMs, 'the session has ended before it began');
  if (rules === null) return;
  if (rules.lastsMs !== null) assert.ok(expiresAtMs <= nowMs + rules.lastsMs + 1_000, 'it lasts longer than the rules');
  if (rules.endsDailyAt !== null && rules.lastsMs === null) {
    const ist = new Date(expiresAtMs + 19_800_000).toISOString().slice(11, 16);
    assert.equal(ist, rules.endsDailyAt);
  }
}

/**
 * Each secret of a method in turn is changed in one place. Core tries refused credentials no second time, which keeps
 * accounts from being locked, and it goes by the code: a token that a person pasted may be refused when it is used.
 */
async function assertSecretsCount(stage: Stage, method: LoginMethod): Promise<void> {
  const good = credentialsOf(stage.subject, method);
  for (const [name, secret] of Object.entries(good.secrets)) {
    await stage.clock.advance(BETWEEN_LOGINS_MS);
    const wrong = new Secret(altered(secret.reveal()));
    stage.secrets.remember(wrong);
    const error = await errorOf(used(stage, { ...good, secrets: { ...good.secrets, [name]: wrong } }));
    if (error === null) {
      assert.ok(!method.needs.includes(name) || isForMarketData(name), `${name} does not count`);
      continue;
    }
    stage.secrets.assertHoldsNone(`${inspect(error)} ${JSON.stringify(error)}`, `the error about a wrong ${name}`);
    const isRefusal = error.code === 'ALGO_LOGIN_REFUSED';
    const isLate = error.code === 'ALGO_SESSION_EXPIRED' && !method.unattended;
    assert.ok(isRefusal || isLate, `a wrong ${name} ended as ${error.code}`);
  }
}

async function used({ adapter, callOf, clock }: Stage, credentials: Credentials): Promise<void> {
  await adapter.profile(callOf(await adapter.logIn(credentials, callAt(clock, null))));
}

/** Keys of a second product may be checked only when that is used. */
const isForMarketData = (name: string): boolean => name.startsWith('market');

/** The same text with its middle character turned into another one of its kind. */
function altered(text: string): string {
  const at = Math.floor(text.length / 2);
  const character = text[at] ?? '';
  const other = /\d/.test(character) ? (character === '7' ? '3' : '7') : character.toLowerCase() === 'q' ? 'W' : 'Q';
  const cased = character === character.toLowerCase() ? other.toLowerCase() : other;
  return text.slice(0, at) + cased + text.slice(at + 1);
}
