const KB = 1_024;
const TARGET = { idleKb: 20, warmKb: 120, delayMs: 20, statusMs: 500, growth: 1.05 };

/**
 * @typedef {object} Verdict
 * @property {string} what
 * @property {string} measured
 * @property {string} target
 * @property {boolean} met
 */

/** @returns {readonly Verdict[]} */
export function verdicts(measured) {
  const { cap, sockets, steady, failing, soak } = measured;
  const kb = perConnectionKb(measured);
  const atMost = (what, value, bar, unit, digits = 1) => ({
    what,
    measured: `${value.toFixed(digits)} ${unit}`,
    target: `<= ${bar} ${unit}`,
    met: value <= bar,
  });
  const { failed, critical, back } = failing.latency;
  const heard = failing.rounds.every(({ allDown, allBack }) => allDown && allBack);
  return [
    atMost('an idle connection, just connected', kb.idle, TARGET.idleKb, 'KB'),
    atMost('an idle connection, used before', kb.idleUsed, TARGET.idleKb, 'KB'),
    atMost('a warm connection', kb.warm, TARGET.warmKb, 'KB'),
    atMost('most sockets at once', sockets.most, cap, 'sockets', 0),
    atMost('event loop p99, ordinary traffic', steady.delay.p99Ms, TARGET.delayMs, 'ms'),
    atMost('status p99, a connection failed', failed.p99Ms, TARGET.statusMs, 'ms'),
    atMost('status p99, its grade is CRITICAL', critical.p99Ms, TARGET.statusMs, 'ms'),
    atMost('status p99, a connection is back', back.p99Ms, TARGET.statusMs, 'ms'),
    {
      what: 'every failing connection was told of, and came back',
      measured: heard ? 'yes' : 'no',
      target: 'yes',
      met: heard,
    },
    ...(soak === null ? [] : [soakVerdict(soak)]),
  ];
}

/** What one connection holds, in units of 1,024 bytes: the fixed cost of the process is taken off, a user's is not. */
export function perConnectionKb({ before, connections, idleAtFirst, idleAtLast, warmed }) {
  const each = (held, from, count) => (held.heldBytes - from.heldBytes) / count / KB;
  const idle = each(idleAtFirst, before, connections);
  return {
    idle,
    idleUsed: each(idleAtLast, before, connections),
    warm: idle + each(warmed, idleAtFirst, warmed.connections),
  };
}

/** At the second tenth everything has been made that is made once. */
function soakVerdict({ samples, forMs }) {
  const [, early] = samples;
  const last = samples.at(-1);
  const growth = last.heapBytes / early.heapBytes;
  const minute = (tenths) => ((forMs / 60_000) * (tenths / 10)).toFixed(1);
  return {
    what: `heap at minute ${minute(10)} beside minute ${minute(2)}`,
    measured: `${growth.toFixed(3)} x`,
    target: `<= ${TARGET.growth} x`,
    met: growth <= TARGET.growth,
  };
}
