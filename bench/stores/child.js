import { answerJob } from '../lib/child.js';
import { closeNetwork } from '../lib/loopback-only.js';

closeNetwork();

/** One case, once. A module throws when an answer was wrong, and then there is no number. */
answerJob(async ({ module, ...job }) => {
  const { measure } = await import(`./cases/${module}.js`);
  return measure(job);
});
