import { readFileSync } from 'node:fs';

/** A lock file that names a registry installs from that one wherever it is used. */
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const named = Object.entries(packages).filter(([, { resolved }]) => resolved?.startsWith('http'));
for (const [path] of named) console.error(`${path} names a registry`);
process.exitCode = named.length === 0 ? 0 : 1;
