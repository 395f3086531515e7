import { openClient } from '../clients/cases.js';
import { answerJob } from '../lib/child.js';
import { closeNetwork } from '../lib/loopback-only.js';
import { countsOf } from '../stub/control.js';
import { measure } from './phases.js';
import { profiled } from './profiler.js';

closeNetwork();

/** One case, once: warm up, then one order after another, then 50 and 1,000 at a time. */
answerJob(async ({ client: name, options, calls, control, profile }) => {
  const client = await openClient(name, options);
  let placed = 0;
  const phase = async (label, count, inFlight) => {
    const before = await countsOf(control);
    const path = profile === null || label === 'warm-up' ? null : `${profile}-${label}.cpuprofile`;
    const measured = await profiled(path, () => measure(client, placed, count, inFlight));
    placed += count;
    const after = await countsOf(control);
    if (after.places - before.places !== count)
      throw new Error(`${after.places - before.places} requests for ${count} orders`);
    return { ...measured, newSockets: after.sockets - before.sockets };
  };

  await phase('warm-up', calls.warmUp, 50);
  await phase('warm-up', calls.warmUp >> 2, 1);
  const serial = await phase('serial', calls.serial, 1);
  const at50 = await phase('at-50', calls.at50, 50);
  const at1000 = await phase('at-1000', calls.at1000, 1_000);

  await client.close();
  return { serial, at50, at1000, placed, void: client.check?.(placed) ?? null };
});
