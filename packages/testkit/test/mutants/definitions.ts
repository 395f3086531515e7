import type { BrokerDefinition, CredentialField, CredentialTemplate, Listing } from '@algo/core/adapter';
import { brokenAdapter, brokenCapabilities, brokenDefinition } from './mutant.js';
import type { Mutant } from './mutant.js';

const inTemplate = (
  what: string,
  caughtBy: string,
  change: (template: CredentialTemplate) => Partial<CredentialTemplate>,
): Mutant =>
  brokenDefinition(what, caughtBy, ({ credentials }) => ({ credentials: { ...credentials, ...change(credentials) } }));

const inField = (what: string, caughtBy: string, name: string, change: Partial<CredentialField>): Mutant =>
  inTemplate(what, caughtBy, ({ fields }) => ({
    fields: fields.map((field) => (field.name === name ? { ...field, ...change } : field)),
  }));

const inIdentity = (
  what: string,
  lie: Partial<BrokerDefinition['capabilities']['orderIdentity']>,
  caughtBy = 'says how an order is found again',
): Mutant =>
  brokenDefinition(what, caughtBy, ({ capabilities }) => ({
    capabilities: { ...capabilities, orderIdentity: { ...capabilities.orderIdentity, ...lie } },
  }));

const HOSTS = 'has an id, a name and hosts';
const WINDOWS = 'limits every family';

export const DEFINITION_MUTANTS: readonly Mutant[] = [
  brokenDefinition('no hosts', HOSTS, () => ({ hosts: [] })),
  brokenDefinition('a host with a port', HOSTS, () => ({ hosts: ['api.dhan.co:443'] })),
  brokenDefinition('a host with a scheme', HOSTS, () => ({ hosts: ['https://api.dhan.co'] })),
  brokenDefinition('a host for everything', HOSTS, () => ({ hosts: ['*.dhan.co'] })),
  inTemplate('an identity that is no field', 'names the account', () => ({ identity: 'clientCode' })),
  inField('an identity that is secret', 'names the account', 'clientId', { secret: true }),
  inTemplate('a method that does not ask whose account it is', 'names the account', ({ methods }) => ({
    methods: methods.map((method) => ({ ...method, needs: method.needs.filter((need) => need !== 'clientId') })),
  })),
  inTemplate('a need that is no field', 'offers methods whose needs', ({ methods }) => ({
    methods: methods.map((method) => ({ ...method, needs: [...method.needs, 'password'] })),
  })),
  inField('a pattern that refuses good values', 'checks fields by patterns', 'pin', { pattern: /^\d{4}$/ }),
  inField('a pattern that takes nothing at all', 'checks fields by patterns', 'pin', { pattern: /^\d*$/ }),
  inField('a pattern that remembers', 'checks fields by patterns', 'pin', { pattern: /^\d{6}$/g }),
  inIdentity('a short time to be visible', { visibleWithinMs: 60_000 }),
  inIdentity('a tag that core cannot fill in', { tagLength: 10 }),
  inIdentity('a grade that there is not', { grade: 'G9' as 'G3' }),
  inIdentity('half a character of tag', { tagLength: 25.5 }),
  inIdentity('a longer tag than fits', { tagLength: 40 }, 'the longest tag arrives whole'),
  inIdentity('a look-up by tag that there is not', { grade: 'G1' }, 'an order is found by its tag'),
  brokenCapabilities('quotes for nobody', 'says how an order is found again', { quoteBatch: 0 }),
  brokenDefinition('a window of no length', WINDOWS, () => ({ rateLimits: { orders: [{ limit: 10, perMs: 0 }] } })),
  brokenDefinition('a limit of half a request', WINDOWS, () => ({
    rateLimits: { orders: [{ limit: 0.5, perMs: 1_000 }] },
  })),
  brokenDefinition('a family without windows', WINDOWS, ({ rateLimits }) => ({
    rateLimits: { ...rateLimits, reads: [] },
  })),
  brokenCapabilities('an order type that is refused', 'every order type and validity', {
    orderTypes: ['MARKET', 'LIMIT', 'SL', 'SL-M'],
  }),
  brokenCapabilities('a product left out that is taken all the same', 'what the capabilities leave out', {
    products: ['CNC', 'MIS', 'NRML'],
  }),
  brokenCapabilities('a validity left out that is taken all the same', 'what the capabilities leave out', {
    validities: ['DAY'],
  }),
  brokenCapabilities('a candle interval that there is none of', 'of every interval', {
    candleIntervals: ['1m', '30m'],
  }),
  brokenCapabilities('a session that lives for an hour', 'every log-in yields a session', {
    session: { lastsMs: 3_600_000, endsDailyAt: null, secondLogin: 'unsure' },
  }),
  countedInNobodyKnowsWhat(),
];

/** Contracts that nobody can order. */
function countedInNobodyKnowsWhat(): Mutant {
  return brokenAdapter('contracts counted in nobody knows what', 'contracts have their underlying', (good) => ({
    async instruments(call) {
      const master = await good.instruments(call);
      const listings: Listing[] = [];
      for await (const listing of master.listings) listings.push({ ...listing, quantityUnit: { kind: 'unknown' } });
      return { source: master.source, listings, skipped: () => master.skipped() };
    },
  }));
}
