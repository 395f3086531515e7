import type { BrokerCapabilities, CredentialField, CredentialTemplate, LoginMethod } from '@algo/core/adapter';
import type { ResolvedXtsConfig, XtsHouse } from './config.js';
import { CANDLE_INTERVALS, QUOTE_BATCH, TAG_LENGTH } from './map/to-wire.js';

/** Symphony XTS as collected 2026-11-20. */
export const capabilitiesOf = ({ exchanges }: ResolvedXtsConfig): BrokerCapabilities => ({
  exchanges,
  products: ['CNC', 'MIS', 'NRML'], // MTF is not certain
  orderTypes: ['MARKET', 'LIMIT', 'SL', 'SL-M'],
  validities: ['DAY', 'IOC'],
  // The book repeats the tag. There is no look-up by it, and in spite of its name nothing keeps it unique.
  orderIdentity: { grade: 'G1', tagLength: TAG_LENGTH, visibleWithinMs: 120_000 },
  session: { lastsMs: 86_400_000, endsDailyAt: null, secondLogin: 'ends-the-first' },
  margin: false,
  candleIntervals: CANDLE_INTERVALS,
  quoteBatch: QUOTE_BATCH,
  modificationsPerOrder: null,
});

const INTERACTIVE = ['clientId', 'interactiveApiKey', 'interactiveApiSecret'] as const;
const MARKET = ['marketApiKey', 'marketApiSecret'] as const;

/** All keys first: without those for market data there are no quotes, candles and instruments. */
const METHODS: readonly LoginMethod[] = [
  { id: 'keys', label: 'Interactive and market data keys', needs: [...INTERACTIVE, ...MARKET], unattended: true },
  { id: 'trading-keys', label: 'Interactive keys alone', needs: INTERACTIVE, unattended: true },
];

export const credentialTemplate = ({ name, environment }: XtsHouse): CredentialTemplate => ({
  identity: 'clientId',
  fields: [
    {
      name: 'clientId',
      label: 'Client code',
      secret: false,
      pattern: /^[A-Za-z0-9_.-]{1,40}$/,
      help: `Your client code at ${name}; a dealer gives the client the orders are for.`,
      environment: `${environment}_CLIENT_ID`,
    },
    key('interactiveApiKey', 'Interactive API key', `${environment}_INTERACTIVE_API_KEY`),
    secret('interactiveApiSecret', 'Interactive API secret', `${environment}_INTERACTIVE_API_SECRET`),
    key('marketApiKey', 'Market data API key', `${environment}_MARKET_API_KEY`),
    secret('marketApiSecret', 'Market data API secret', `${environment}_MARKET_API_SECRET`),
  ],
  methods: METHODS,
});

/** Keys seen were 20 to 24 hexadecimal characters, which is not certain enough to refuse others. */
const key = (name: string, label: string, environment: string): CredentialField => ({
  name,
  label,
  secret: true,
  pattern: /^\S{8,128}$/,
  help: 'On the XTS dashboard under My Apps; the interactive and the market data application have one each.',
  environment,
});

const secret = (name: string, label: string, environment: string): CredentialField => ({
  name,
  label,
  secret: true,
  pattern: /^\S{4,128}$/,
  help: 'Beside the key on the XTS dashboard. It may hold characters such as $ and #: quote it in a shell.',
  environment,
});
