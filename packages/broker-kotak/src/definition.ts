import type { BrokerCapabilities, CredentialTemplate } from '@algo/core/adapter';
import type { ResolvedKotakConfig } from './config.js';
import { TAG_LENGTH } from './map/tag.js';
import { CANDLE_INTERVALS, QUOTE_BATCH } from './map/to-wire.js';

/**
 * Why the identity of an order is graded G0 although Kotak echoes our tag (`ig`, back as `GuiOrdId`):
 *
 * - a modify, by any terminal of the account, replaces the tag with one of Kotak's own (issue 33 of Kotak-neo-api-v2,
 *   2025-12-04): a book without the tag may hold the order all the same;
 * - the one recorded live book (2025-01-22) shows the field empty, and the official SDK did not send it for a time
 *   before 2026-08-20.
 *
 * So a tag that is seen proves an order, and core finds it by that; a tag that is missing proves nothing. At G0 core never
 * concludes that an order is absent, and surfaces it instead. What came of a later history row is not certain enough to
 * raise the grade: whether the oldest rows keep the first tag is UNSURE.
 */
const ORDER_IDENTITY = { grade: 'G0', tagLength: TAG_LENGTH, visibleWithinMs: 120_000 } as const;

/** Kotak Neo Trade API docs of 2026-08 and 2026-09, with what users reported up to 2026-11-20. */
export const capabilitiesOf = ({ exchanges }: ResolvedKotakConfig): BrokerCapabilities => ({
  exchanges,
  products: ['CNC', 'MIS', 'NRML', 'MTF'],
  // SL-M is refused. MARKET is taken and turned into a limit near the last price, by a published table: it may rest.
  orderTypes: ['MARKET', 'LIMIT', 'SL'],
  validities: ['DAY', 'IOC'],
  orderIdentity: ORDER_IDENTITY,
  // Midnight is read off the documentation's sample token; the session itself ends when its own token says.
  session: { lastsMs: null, endsDailyAt: '00:00', secondLogin: 'leaves-the-first' },
  margin: true,
  candleIntervals: CANDLE_INTERVALS,
  quoteBatch: QUOTE_BATCH,
  modificationsPerOrder: null,
});

/** The secret comes first: it needs nobody. */
export const CREDENTIALS: CredentialTemplate = {
  identity: 'ucc',
  fields: [
    {
      name: 'ucc',
      label: 'Client code (UCC)',
      secret: false,
      pattern: /^[A-Z0-9]{4,10}$/,
      help: 'Upper-case letters and digits, shown under your profile in the Neo app.',
      environment: 'KOTAK_UCC',
    },
    {
      name: 'accessToken',
      label: 'API access token',
      secret: true,
      // A UUID today; whether older ones look so too is not certain, so only what could not stand in a header is refused.
      pattern: /^[\w.-]{8,256}$/,
      help: 'Also called consumer key: in the Neo app under More, Trade API, when you create an application.',
      environment: 'KOTAK_ACCESS_TOKEN',
    },
    {
      name: 'mobileNumber',
      label: 'Registered mobile number',
      secret: true, // personal, though Kotak does not call it secret
      pattern: /^(?:\+?91[ -]?)?\d{5}[ -]?\d{5}$/,
      help: 'Ten digits, with or without +91 before them.',
      environment: 'KOTAK_MOBILE_NUMBER',
    },
    {
      name: 'mpin',
      label: 'MPIN',
      secret: true,
      pattern: /^\d{6}$/,
      help: 'The six digits you log in to Neo with.',
      environment: 'KOTAK_MPIN',
    },
    {
      name: 'totpSecret',
      label: 'TOTP secret',
      secret: true,
      pattern: /^[A-Za-z2-7][A-Za-z2-7 ]{14,126}=*$/,
      help: 'The text beside the QR code when you register for TOTP under Trade API.',
      environment: 'KOTAK_TOTP_SECRET',
    },
    {
      name: 'totp',
      label: 'One TOTP code',
      secret: true,
      pattern: /^\d{6}$/,
      help: 'Six digits of your authenticator app; good for one log-in within half a minute.',
      environment: 'KOTAK_TOTP',
    },
  ],
  methods: [
    {
      id: 'totp',
      label: 'TOTP secret and MPIN',
      needs: ['ucc', 'accessToken', 'mobileNumber', 'mpin', 'totpSecret'],
      unattended: true,
    },
    {
      id: 'code',
      label: 'One TOTP code and MPIN',
      needs: ['ucc', 'accessToken', 'mobileNumber', 'mpin', 'totp'],
      unattended: false,
    },
  ],
};
