import { expect, test } from 'vitest';
import type { CredentialTemplate, LoginMethod } from '../contract/credential-template.js';
import { checkFields, fitOf, methodInUse, waysIn } from './credential-fields.js';

const field = (name: string, secret: boolean) => ({
  name,
  label: name,
  secret,
  pattern: /^[a-z]{3,}$/,
  help: `Where ${name} is found.`,
  environment: `ACME_${name.toUpperCase()}`,
});
const method = (id: string, needs: readonly string[], redirect: boolean): LoginMethod => ({
  id,
  label: `by ${id}`,
  needs,
  unattended: false,
  redirect,
});
const TEMPLATE: CredentialTemplate = {
  identity: 'client',
  fields: [field('client', false), field('token', true), field('key', true)],
  methods: [method('page', ['client', 'key'], true), method('token', ['client', 'token'], false)],
};

test('tells what is secret from what is not, without the spaces around it', () => {
  const { plain, secrets, problems } = checkFields(TEMPLATE, { client: ' abc', token: 'secretive\n' });
  expect(plain).toEqual({ client: 'abc' });
  expect(secrets['token']?.reveal()).toBe('secretive');
  expect(problems).toEqual([]);
});

test('tells everything that is wrong at once, by field and without a value', () => {
  const given = { client: 'CANARY', token: 5, key: 'c'.repeat(8_193), other: 'canary', ['o'.repeat(100)]: 'canary' };
  const { plain, secrets, problems } = checkFields(TEMPLATE, given);
  expect([plain, secrets]).toEqual([{}, {}]);
  expect(problems).toEqual([
    { field: 'client', problem: 'does not look right. Where client is found.' },
    { field: 'token', problem: 'must be a text' },
    { field: 'key', problem: 'must be at most 8192 characters' },
    { field: 'other', problem: 'is not a field of this broker; it has client, token, key' },
    { field: 'o'.repeat(60), problem: 'is not a field of this broker; it has client, token, key' },
  ]);
});

test('a field named like the prototype is no field', () => {
  expect(checkFields(TEMPLATE, JSON.parse('{"__proto__":"abc"}')).problems).toHaveLength(1);
});

test('prefers the first method that does without the broker’s page, then the page', () => {
  const inUse = (...present: readonly string[]) => methodInUse(fitOf(TEMPLATE, present))?.id ?? null;
  expect(inUse('client', 'token', 'key')).toBe('token');
  expect(inUse('client', 'key')).toBe('page');
  expect(inUse('client')).toBeNull();
});

test('tells what each method misses, and words the ways in as their reader knows the fields', () => {
  expect(fitOf(TEMPLATE, ['key']).map(({ missing }) => missing)).toEqual([['client'], ['client', 'token']]);
  expect(waysIn(TEMPLATE, (name) => `ACME_${name.toUpperCase()}`)).toBe(
    'must hold what one of these needs: by page (ACME_CLIENT, ACME_KEY) or by token (ACME_CLIENT, ACME_TOKEN)',
  );
});
