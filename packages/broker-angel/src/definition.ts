import type { BrokerCapabilities, CredentialTemplate } from '@algo/core/adapter';
import { CANDLE_WORDS } from './map/words.js';
import { QUOTE_BATCH, TAG_LENGTH } from './map/to-wire.js';
import type { OrderRules } from './map/to-wire.js';

/** Every host Angel answers on. An override of a URL must stay among them, or on this machine. */
export const HOSTS = [
  'apiconnect.angelone.in',
  'margincalculator.angelbroking.com',
  'margincalculator.angelone.in',
] as const;

/** SmartAPI docs, copies of 2024, with what their review of 2026-08 and Angel's news of 2026-02-25 changed. */
export const capabilities = ({ marketOrders }: OrderRules): BrokerCapabilities => ({
  exchanges: ['NSE', 'BSE', 'NFO', 'BFO', 'CDS', 'MCX'],
  products: ['CNC', 'MIS', 'NRML', 'MTF'],
  // Neither MARKET nor IOC is allowed for orders by API; what becomes of a MARKET order is not certain.
  orderTypes: marketOrders ? ['MARKET', 'LIMIT', 'SL', 'SL-M'] : ['LIMIT', 'SL'],
  validities: ['DAY'],
  // The tag comes back in the book; there is no look-up by it, and nothing shows that a second one is refused.
  orderIdentity: { grade: 'G1', tagLength: TAG_LENGTH, visibleWithinMs: 120_000 },
  session: { lastsMs: null, endsDailyAt: '00:00', secondLogin: 'unsure' },
  margin: true,
  candleIntervals: [...CANDLE_WORDS.keys()],
  quoteBatch: QUOTE_BATCH,
  modificationsPerOrder: null,
});

export const CREDENTIALS: CredentialTemplate = {
  identity: 'clientCode',
  fields: [
    {
      name: 'apiKey',
      label: 'API key',
      secret: true,
      pattern: /^[\w-]{4,64}$/,
      help: 'Shown with your app on smartapi.angelbroking.com under My Apps; its secret is not needed.',
      environment: 'ANGEL_API_KEY',
    },
    {
      name: 'clientCode',
      label: 'Client code',
      secret: false,
      pattern: /^[A-Z0-9]{4,12}$/,
      help: 'What you log in to Angel One with, in capitals.',
      environment: 'ANGEL_CLIENT_CODE',
    },
    {
      name: 'mpin',
      label: 'MPIN',
      secret: true,
      pattern: /^\d{4}$/,
      help: 'The four digits of the Angel One app; the password of the account is refused.',
      environment: 'ANGEL_MPIN',
    },
    {
      name: 'totpSecret',
      label: 'TOTP secret',
      secret: true,
      pattern: /^[A-Za-z2-7][A-Za-z2-7 ]{14,126}=*$/,
      help: 'The text beside the QR code, shown once on smartapi.angelbroking.com/enable-totp.',
      environment: 'ANGEL_TOTP_SECRET',
    },
    {
      name: 'redirectUrl',
      label: 'Redirect URL',
      secret: false,
      pattern: /^https:\/\/\S{1,500}$/,
      help: 'Only for the publisher log-in: the address set with your app, where Angel sends the browser back to.',
      environment: 'ANGEL_REDIRECT_URL',
    },
    {
      name: 'publicIp',
      label: 'Static public IP',
      secret: false,
      pattern: /^\d{1,3}(?:\.\d{1,3}){3}$/,
      help: 'Optional: the address registered with your app. Angel checks where orders come from, not this.',
      environment: 'ANGEL_PUBLIC_IP',
    },
    {
      name: 'localIp',
      label: 'Local IP',
      secret: false,
      pattern: /^[\d.]{7,15}$/,
      help: 'Optional: sent in a header that Angel does not check.',
      environment: 'ANGEL_LOCAL_IP',
    },
    {
      name: 'macAddress',
      label: 'MAC address',
      secret: false,
      pattern: /^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}$/,
      help: 'Optional: sent in a header that Angel does not check.',
      environment: 'ANGEL_MAC_ADDRESS',
    },
  ],
  // MPIN and TOTP come first: they need nobody.
  methods: [
    {
      id: 'totp',
      label: 'MPIN and TOTP',
      needs: ['apiKey', 'clientCode', 'mpin', 'totpSecret'],
      unattended: true,
    },
    {
      id: 'publisher',
      label: "Angel One's own page (publisher log-in)",
      needs: ['apiKey', 'clientCode', 'redirectUrl'],
      unattended: false,
      redirect: true,
    },
  ],
};
