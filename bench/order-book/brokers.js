/** @typedef {'jainam' | 'dhan' | 'angel' | 'kotak'} BrokerName */

const RAISED = [{ limit: 10_000_000, perMs: 1_000 }];

/**
 * Each broker's package pointed at a simulator: its definition with read limits raised and not removed, and the fields a
 * user would store.
 */
export const BROKERS = {
  jainam: async ({ baseUrl, credentials: { clientCodes: _forDealers, ...fields } }) => {
    const { jainam } = await import('@algo/broker-jainam');
    const rateLimits = { orders: RAISED, book: RAISED };
    return { definition: jainam({ baseUrl, marketDataPath: '/apimarketdata', rateLimits }), fields };
  },
  dhan: async ({ baseUrl, authUrl, detailedInstrumentsUrl, credentials: { clientId, accessToken } }) => {
    const { dhan } = await import('@algo/broker-dhan');
    const rateLimits = { orders: RAISED, reads: RAISED };
    return {
      definition: dhan({ baseUrl, authUrl, instrumentsUrl: detailedInstrumentsUrl, rateLimits }),
      fields: { clientId, accessToken },
    };
  },
  angel: async ({ baseUrl, instrumentsUrl, credentials }) => {
    const { angel } = await import('@algo/broker-angel');
    const rateLimits = { orders: RAISED, book: RAISED };
    return { definition: angel({ baseUrl, instrumentsUrl, rateLimits }), fields: credentials };
  },
  kotak: async ({ loginUrl, credentials }) => {
    const { kotak } = await import('@algo/broker-kotak');
    return { definition: kotak({ loginUrl, rateLimits: { orders: RAISED, reads: RAISED } }), fields: credentials };
  },
};
