import { angel } from '@algo/broker-angel';
import { dhan } from '@algo/broker-dhan';
import { jainam } from '@algo/broker-jainam';
import { kotak } from '@algo/broker-kotak';

/**
 * What differs from broker to broker: where it is found, and what its user stores. With the real brokers the addresses are
 * left out: `jainam()`, `dhan()`, `angel()`, `kotak()`.
 */
export const BROKERS = {
  jainam: ({ baseUrl, credentials: { clientCodes: _forDealers, ...fields } }) => ({
    definition: jainam({ baseUrl, marketDataPath: '/apimarketdata' }),
    fields,
  }),

  dhan: ({ baseUrl, authUrl, detailedInstrumentsUrl, credentials: { clientId, pin, totpSecret } }) => ({
    definition: dhan({ baseUrl, authUrl, instrumentsUrl: detailedInstrumentsUrl }),
    fields: { clientId, pin, totpSecret },
  }),

  angel: ({ baseUrl, instrumentsUrl, credentials: { clientCode, apiKey, mpin, totpSecret } }) => ({
    definition: angel({ baseUrl, instrumentsUrl }),
    fields: { clientCode, apiKey, mpin, totpSecret },
  }),

  kotak: ({ loginUrl, credentials: { accessToken, ucc, mobileNumber, mpin, totpSecret } }) => ({
    definition: kotak({ loginUrl }),
    fields: { accessToken, ucc, mobileNumber, mpin, totpSecret },
  }),
};
