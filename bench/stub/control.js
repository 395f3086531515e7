import http from 'node:http';

/**
 * @param {string} control
 * @returns {Promise<{ readonly requests: number, readonly places: number, readonly sockets: number }>}
 */
export const countsOf = (control) => ask(`${control}/counts`);

/** From now on every place ends that way. @param {string} control @param {string} fault */
export const setFault = (control, fault) => ask(`${control}/fault/${fault}`);

function ask(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false, timeout: 5_000 }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
    });
    request.on('timeout', () => request.destroy(new Error('the stub broker does not answer')));
    request.on('error', reject);
  });
}
