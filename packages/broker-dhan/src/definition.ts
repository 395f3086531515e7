import type { BrokerCapabilities, CredentialTemplate, LoginMethod } from '@algo/core/adapter';
import type { DhanEnvironment } from './config.js';
import { QUOTE_BATCH, TAG_LENGTH } from './map/to-wire.js';

/** Every host Dhan answers on. An override of a URL must stay among them, or on this machine. */
export const HOSTS = ['api.dhan.co', 'sandbox.dhan.co', 'auth.dhan.co', 'images.dhan.co'] as const;

/** DhanHQ v2 docs as captured 2026-07-15, with what live checks corrected. */
export const CAPABILITIES: BrokerCapabilities = {
  exchanges: ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'BCD', 'MCX'],
  products: ['CNC', 'MIS', 'NRML', 'MTF'],
  // A bare SL-M was mangled or refused in 2026 (openalgo issue 1647, 2026-07-21): send SL.
  orderTypes: ['MARKET', 'LIMIT', 'SL'],
  validities: ['DAY', 'IOC'],
  // An order is found by its correlationId, yet nothing shows that Dhan refuses a second one with the same.
  orderIdentity: { grade: 'G2', tagLength: TAG_LENGTH, visibleWithinMs: 120_000 },
  session: { lastsMs: 86_400_000, endsDailyAt: null, secondLogin: 'ends-the-first' },
  margin: true,
  candleIntervals: ['1m', '5m', '15m', '25m', '60m', '1d'],
  quoteBatch: QUOTE_BATCH,
  modificationsPerOrder: 25,
};

const TOKEN: LoginMethod = {
  id: 'token',
  label: 'Access token made on web.dhan.co',
  needs: ['clientId', 'accessToken'],
  unattended: false,
};

const TOTP: LoginMethod = {
  id: 'totp',
  label: 'PIN and TOTP',
  needs: ['clientId', 'pin', 'totpSecret'],
  unattended: true,
};

const CONSENT: LoginMethod = {
  id: 'consent',
  label: 'Log-in on Dhan’s page with an API key',
  needs: ['clientId', 'apiKey', 'apiSecret'],
  unattended: false,
  redirect: true,
};

const FIELDS = {
  clientId: {
    name: 'clientId',
    label: 'Dhan client id',
    secret: false,
    pattern: /^\d{10}$/,
    help: 'Ten digits, shown under My Profile on web.dhan.co.',
    environment: 'DHAN_CLIENT_ID',
  },
  accessToken: {
    name: 'accessToken',
    label: 'Access token',
    secret: true,
    pattern: /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/,
    help: 'Made on web.dhan.co under My Profile, Access DhanHQ APIs; it lives 24 hours.',
    environment: 'DHAN_ACCESS_TOKEN',
  },
  pin: {
    name: 'pin',
    label: 'Dhan PIN',
    secret: true,
    pattern: /^\d{6}$/,
    help: 'The six digits you log in to Dhan with.',
    environment: 'DHAN_PIN',
  },
  totpSecret: {
    name: 'totpSecret',
    label: 'TOTP secret',
    secret: true,
    pattern: /^[A-Za-z2-7][A-Za-z2-7 ]{14,126}=*$/,
    help: 'The text beside the QR code when you set up TOTP under DhanHQ Trading APIs on web.dhan.co.',
    environment: 'DHAN_TOTP_SECRET',
  },
  apiKey: {
    name: 'apiKey',
    label: 'API key',
    secret: true,
    pattern: /^[\w-]{4,128}$/,
    help: 'Made on web.dhan.co under My Profile, Access DhanHQ APIs, API key; it lives 12 months.',
    environment: 'DHAN_API_KEY',
  },
  apiSecret: {
    name: 'apiSecret',
    label: 'API secret',
    secret: true,
    pattern: /^[\w-]{4,256}$/,
    help: 'Shown once beside the API key.',
    environment: 'DHAN_API_SECRET',
  },
} as const;

/**
 * PIN and TOTP come first: they need nobody. The sandbox takes only tokens made on developer.dhanhq.co, and the token
 * service makes none for it.
 */
export const credentialTemplate = (environment: DhanEnvironment): CredentialTemplate =>
  environment === 'sandbox'
    ? { identity: 'clientId', fields: [FIELDS.clientId, FIELDS.accessToken], methods: [TOKEN] }
    : {
        identity: 'clientId',
        fields: [FIELDS.clientId, FIELDS.accessToken, FIELDS.pin, FIELDS.totpSecret, FIELDS.apiKey, FIELDS.apiSecret],
        methods: [TOTP, TOKEN, CONSENT],
      };
