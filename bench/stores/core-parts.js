import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const CORE = fileURLToPath(new URL('../../packages/core/src/', import.meta.url));

/** What core keeps to itself and a bench has to hold in its hand: no door gives it, so its sources are bundled. */
const PARTS = `
export { LeasedTurns } from './connection/leased-turn.js';
export { SessionCache } from './connection/session-cache.js';
export { SessionKeeper } from './connection/session-keeper.js';
export { systemClock } from './runtime/clock.js';
export { silentLogger } from './runtime/logger.js';
export { createRedactor } from './runtime/redactor.js';
export { Secret } from './runtime/secret.js';
export { CredentialVault } from './vault/credential-vault.js';
export { writeSession } from './vault/sealed-text.js';
`;

/** Bundles the parts into one file for the processes that measure. @param {string} outfile ending in `.mjs` */
export async function bundleCoreParts(outfile) {
  await build({
    stdin: { contents: PARTS, resolveDir: CORE, loader: 'ts' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    outfile,
  });
}

/** @param {string} path what `bundleCoreParts` wrote */
export const loadCoreParts = (path) => import(pathToFileURL(path).href);
