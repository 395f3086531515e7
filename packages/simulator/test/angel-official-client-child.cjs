/**
 * Runs smartapi-javascript in a process of its own, steered by messages: `{ open }` makes the client, `{ call, args }`
 * calls one of its methods and answers `{ result }`.
 *
 * On its own because the client logs request headers to a file in the working directory, and because its constructor asks
 * services on the internet for the public address and leaves the rejection to nobody; here that look-up stays in the process.
 */
const { createRequire } = require('node:module');
const { join } = require('node:path');

const fromBench = createRequire(join(__dirname, '../../../bench/package.json'));
const client = fromBench.resolve('smartapi-javascript');
const lookUp = createRequire(client).resolve('public-ip');
require.cache[lookUp] = {
  id: lookUp,
  filename: lookUp,
  path: lookUp,
  loaded: true,
  exports: { v4: async () => '127.0.0.1' },
};
const { SmartAPI } = require(client);

let angel;
process.on('message', async ({ open, call, args = [] }) => {
  if (open !== undefined) angel = new SmartAPI(open);
  process.send({ result: call === undefined ? null : await angel[call](...args) });
});
