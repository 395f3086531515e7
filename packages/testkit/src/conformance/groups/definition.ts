import assert from 'node:assert/strict';
import { EXCHANGES, ORDER_TYPES, PRODUCTS, VALIDITIES } from '@algo/core/adapter';
import type { TestRunner } from '../runner.js';
import { withSubject } from '../stage.js';
import type { ConformanceOptions } from '../subject.js';

/** What core makes, and sends whole. */
const OUR_TAG = 15;
/** Core never takes an order for absent before so long. */
const SHORTEST_VISIBILITY_MS = 120_000;

const GRADES: readonly string[] = ['G0', 'G1', 'G2', 'G3'];

/** The description of the broker: core believes it without asking, before anybody has logged in. */
export function definitionGroup({ describe, test }: TestRunner, options: ConformanceOptions): void {
  describe('definition', () => {
    test('has an id, a name and hosts without scheme, port and path', () =>
      withSubject(options, async ({ definition: { id, name, hosts } }) => {
        assert.match(id, /^[a-z][a-z0-9-]*$/);
        assert.ok(name.length > 0);
        assert.ok(hosts.length > 0, 'it names no host');
        for (const host of hosts) assert.match(host, /^[a-z0-9-]+(\.[a-z0-9-]+)+$/, `${host} is not a bare host`);
      }));

    test('names the account by a field that is no secret, and every method needs it', () =>
      withSubject(options, async ({ definition: { credentials } }) => {
        const identity = credentials.fields.find(({ name }) => name === credentials.identity);
        assert.ok(identity, `${credentials.identity} is no field`);
        assert.equal(identity.secret, false, 'a secret would stand in journal rows');
        for (const { id, needs } of credentials.methods) assert.ok(needs.includes(identity.name), id);
      }));

    test('offers methods whose needs are fields, each thing under one name', () =>
      withSubject(options, async ({ definition: { credentials } }) => {
        const { fields, methods } = credentials;
        const names = fields.map(({ name }) => name);
        assert.ok(methods.length > 0, 'there is no way to log in');
        assertEachOnce('fields', names);
        assertEachOnce(
          'environment variables',
          fields.map(({ environment }) => environment),
        );
        assertEachOnce(
          'methods',
          methods.map(({ id }) => id),
        );
        for (const { id, needs } of methods) {
          for (const need of needs) assert.ok(names.includes(need), `${id} needs ${need}, which is no field`);
        }
      }));

    test('checks fields by patterns that take good credentials and refuse none at all', () =>
      withSubject(options, async ({ definition: { credentials }, logins }) => {
        for (const { name, pattern } of credentials.fields) {
          assert.doesNotMatch(pattern.flags, /[gy]/, `the pattern of ${name} remembers where it was`);
          assert.ok(!pattern.test(''), `an empty ${name} passes`);
        }
        for (const [id, stored] of Object.entries(logins)) {
          assert.ok(
            credentials.methods.some((method) => method.id === id),
            `${id} is no method`,
          );
          for (const [name, value] of Object.entries(stored)) {
            const field = credentials.fields.find((candidate) => candidate.name === name);
            assert.ok(field?.pattern.test(value.trim()), `the ${name} of ${id} is refused`);
          }
        }
      }));

    test('claims capabilities in words that there are, each once', () =>
      withSubject(options, async ({ definition: { capabilities } }) => {
        const { exchanges, products, orderTypes, validities, session } = capabilities;
        for (const [what, claimed, known] of [
          ['exchanges', exchanges, EXCHANGES],
          ['products', products, PRODUCTS],
          ['order types', orderTypes, ORDER_TYPES],
          ['validities', validities, VALIDITIES],
        ] as const) {
          assert.ok(claimed.length > 0, `there are no ${what}`);
          assertEachOnce(what, claimed);
          for (const word of claimed)
            assert.ok(
              known.some((candidate) => candidate === word),
              word,
            );
        }
        assert.ok(session.lastsMs === null || session.lastsMs > 0);
        if (session.endsDailyAt !== null) assert.match(session.endsDailyAt, /^([01]\d|2[0-3]):[0-5]\d$/);
      }));

    test('says how an order is found again in terms that core can hold to', () =>
      withSubject(options, async ({ definition: { capabilities } }) => {
        const { grade, tagLength, visibleWithinMs } = capabilities.orderIdentity;
        assert.ok(GRADES.includes(grade), `there is no grade ${grade}`);
        assert.ok(Number.isSafeInteger(tagLength) && tagLength >= OUR_TAG, `core's tags of ${OUR_TAG} do not fit`);
        assert.ok(visibleWithinMs >= SHORTEST_VISIBILITY_MS, `${visibleWithinMs} ms is too short to prove an absence`);
        assertCount('quoteBatch', capabilities.quoteBatch);
        if (capabilities.modificationsPerOrder !== null)
          assertCount('modificationsPerOrder', capabilities.modificationsPerOrder);
      }));

    test('limits every family of requests by windows of whole numbers', () =>
      withSubject(options, async ({ definition: { rateLimits, reads = {} } }) => {
        for (const [family, windows] of Object.entries(rateLimits)) {
          assert.ok(windows.length > 0, `${family} has no window`);
          for (const { limit, perMs } of windows) {
            assertCount(`the limit of ${family}`, limit);
            assertCount(`the window of ${family}`, perMs);
          }
        }
        if (reads.timeoutMs !== undefined) assertCount('reads.timeoutMs', reads.timeoutMs);
        if (reads.tries !== undefined) assertCount('reads.tries', reads.tries);
      }));
  });
}

function assertEachOnce(what: string, words: readonly string[]): void {
  assert.equal(new Set(words).size, words.length, `the ${what} repeat themselves: ${words.join(', ')}`);
}

function assertCount(what: string, value: number): void {
  assert.ok(Number.isSafeInteger(value) && value > 0, `${what} is ${value}`);
}
