import { openClient } from '../clients/cases.js';
import { answerJob } from '../lib/child.js';
import { closeNetwork } from '../lib/loopback-only.js';
import { countsOf, setFault } from '../stub/control.js';
import { toldBy } from './told.js';

closeNetwork();

/** Places one order while something is broken and notes what the caller was told, beside what the broker received. */
answerJob(async ({ client: name, options, control, fault, warm, patienceMs }) => {
  const client = await openClient(name, options);
  if (warm) await client.place(0);
  await setFault(control, fault);
  await new Promise((resolve) => setTimeout(resolve, 100)); // a warm socket of a closed port ends meanwhile
  const before = await countsOf(control);
  const began = performance.now();
  const told = await Promise.race([toldBy(client.place(1)), patience(patienceMs)]);
  const afterMs = Math.round(performance.now() - began);
  const received = (await countsOf(control)).places - before.places;
  return { ...told, afterMs, received };
});

const patience = (ms) =>
  new Promise((resolve) =>
    setTimeout(() => resolve({ how: 'waits', kind: null, text: `waits, no answer in ${ms / 1_000} s` }), ms),
  );
