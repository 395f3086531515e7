import type { XtsHouse } from '@algo/xts';

/** Jainam's deployments of XTS, as seen in public adapters and projects, 2026-11-20. */
export const JAINAM: XtsHouse = {
  id: 'jainam',
  name: 'Jainam',
  domain: 'jainam.in',
  hosts: ['jtrade.jainam.in', 'smpa.jainam.in', 'smpb.jainam.in', 'smpc.jainam.in', 'smpd.jainam.in'],
  environment: 'JAINAM',
  options: ['server'],
};
