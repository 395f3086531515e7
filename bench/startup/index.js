import { machine, shownMachine } from '../lib/machine.js';
import { chosen } from '../lib/options.js';
import { measureInstall, shownInstall } from './install-size.js';
import { measureLoading, shownLoading } from './load-time.js';
import { FLOOR, VARIANTS } from './variants.js';

const PACKAGES = [
  '@algo/core',
  '@algo/broker-dhan',
  'undici',
  'zod',
  'axios',
  'kiteconnect',
  'smartapi-javascript',
  'xts-interactive-api',
];

/** Load time in fresh processes, and what an install brings. */
export async function run({ rounds: asked, seed, only, quick }, log) {
  const rounds = asked ?? (quick ? 3 : 11);
  const variants = chosen(VARIANTS, only, [`${FLOOR}-import`, `${FLOOR}-require`]);
  const loading = await measureLoading(variants, { rounds, seed }, log);
  const install = await measureInstall(log);
  const seen = machine(PACKAGES);
  const text = [
    `Start-up: ${rounds} rounds, seed ${seed}; min / median / max`,
    shownMachine(seen),
    shownLoading(loading),
    shownInstall(install),
  ].join('\n\n');
  return { result: { seed, rounds, machine: seen, loading, install }, text, failed: false };
}
