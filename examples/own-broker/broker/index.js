import { AlgoError, rootOf } from '@algo/core/adapter';
import { createAdapter } from './adapter.js';

/** @import { BrokerCapabilities, BrokerDefinition, CredentialTemplate } from '@algo/core/adapter' */

/** Monsoon, described but not alive: it is handed to `createAlgo({ brokers: [monsoon()] })`. @returns {BrokerDefinition} */
export function monsoon({ baseUrl = 'https://api.monsoon.example/v1' } = {}) {
  const problems = [];
  const root = rootOf('baseUrl', baseUrl, problems);
  if (problems.length > 0) throw new AlgoError('ALGO_INVALID_INPUT', { problems });
  const facts = { hosts: ['api.monsoon.example'], capabilities, credentials, rateLimits };
  return { id: 'monsoon', name: 'Monsoon', ...facts, connect: (context) => createAdapter(context, root) };
}

/** @type {BrokerCapabilities} */
const capabilities = {
  exchanges: ['NSE', 'NFO', 'MCX'],
  products: ['CNC', 'MIS', 'NRML'],
  orderTypes: ['MARKET', 'LIMIT', 'SL'],
  validities: ['DAY', 'IOC'],
  orderIdentity: { grade: 'G1', tagLength: 20, visibleWithinMs: 120_000 }, // the book echoes `ref`; nothing looks it up
  session: { lastsMs: null, endsDailyAt: '06:00', secondLogin: 'ends-the-first' },
  margin: false,
  candleIntervals: [],
  quoteBatch: 1,
  modificationsPerOrder: null,
};

const field = (name, label, secret, pattern, help, environment) => ({
  name,
  label,
  secret,
  pattern,
  help,
  environment,
});

/** @type {CredentialTemplate} */
const credentials = {
  identity: 'clientCode',
  fields: [
    field('clientCode', 'Client code', false, /^MC\d{4}$/, 'On top of every contract note.', 'MONSOON_CLIENT_CODE'),
    field('apiKey', 'API key', true, /^\w{16}$/, 'Under Settings, API.', 'MONSOON_API_KEY'),
    field('apiSecret', 'API secret', true, /^\w{32}$/, 'Shown once, beside the new key.', 'MONSOON_API_SECRET'),
  ],
  methods: [{ id: 'key', label: 'API key', needs: ['clientCode', 'apiKey', 'apiSecret'], unattended: true }],
};

/** Monsoon's page "Limits". Each lane counts in a family of its own. */
const perSecond = (limit) => [{ limit, perMs: 1_000 }];
const rateLimits = { orders: perSecond(10), reads: perSecond(5), data: perSecond(1), auth: perSecond(1) };
