import { answerJob } from '../lib/child.js';
import { closeNetwork } from '../lib/loopback-only.js';
import { measureBlackHole } from './black-hole.js';
import { measureOpen } from './open.js';
import { measureSwitch } from './switch.js';

closeNetwork();

const MEASURES = {
  switch: measureSwitch,
  open: measureOpen,
  'black-hole-read': measureBlackHole,
  'black-hole-order': measureBlackHole,
};

/** One case, once. */
answerJob((job) => MEASURES[job.kind](job));
