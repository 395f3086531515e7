import { readFileSync } from 'node:fs';
import { missingOptional } from './complete-lock-file.js';

/**
 * A lock file that names a registry installs from that one wherever it is used; one that leaves out the binaries of
 * other platforms fails there, and `npm ci` refuses it even here.
 */
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const named = Object.entries(lock.packages).filter(([, { resolved }]) => resolved?.startsWith('http'));
const missing = missingOptional(lock);
for (const [path] of named) console.error(`${path} names a registry`);
for (const { path, version } of missing)
  console.error(`${path}@${version} is missing; run node scripts/complete-lock-file.js`);
process.exitCode = named.length + missing.length === 0 ? 0 : 1;
