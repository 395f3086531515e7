import { shownMachine } from '../lib/machine.js';
import { table } from '../lib/table.js';
import { perConnectionKb } from './verdict.js';

/** The whole run as text. */
export function report(machine, measured, verdicts) {
  const { users, connections, cap, connected, requests, soak } = measured;
  const parts = [
    `Connections: ${users} users, ${connections} connections in one process, at most ${cap} sockets; ${requests} requests`,
    shownMachine(machine),
    `All connected in ${seconds(connected.tookMs)}: ${(connections / (connected.tookMs / 1_000)).toFixed(0)} a second`,
    memory(measured),
    sockets(measured),
    traffic(measured),
    status(measured),
    soak === null ? 'Soak: not run; --soak takes ten minutes more.' : soaked(soak),
    verdicts
      .map(
        ({ what, measured: value, target, met }) => `${what}: ${value} (target: ${target}): ${met ? 'met' : 'NOT MET'}`,
      )
      .join('\n'),
  ];
  return parts.join('\n\n');
}

function memory(measured) {
  const { before, idleAtFirst, warmed, idleAtLast, connections } = measured;
  const kb = perConnectionKb(measured);
  const row = (label, { heapBytes, externalBytes, rssBytes }, each) => [
    label,
    mb(heapBytes),
    mb(externalBytes),
    mb(rssBytes),
    each === null ? '' : each.toFixed(1),
  ];
  return table(
    ['held after garbage collection', 'heap MB', 'external MB', 'RSS MB', 'KB a connection'],
    [
      row('one user, before the others', before, null),
      row(`idle, just connected: ${connections}`, idleAtFirst, kb.idle),
      row(`warm, an order and a read each: ${warmed.connections}`, warmed, kb.warm),
      row(`idle, used before: ${connections}`, idleAtLast, kb.idleUsed),
    ],
  );
}

function sockets({ sockets: { most, atBrokers }, warmed, burst }) {
  return [
    `Sockets open at once: ${most} at most; the brokers counted ${atBrokers.join(' and ')}. Warm: ${warmed.sockets}.`,
    `${burst.calls} reads at the same moment took ${seconds(burst.tookMs)}; ${burst.failed} failed.`,
  ].join('\n');
}

function traffic({ steady, failing }) {
  const row = (label, { calls, failed }, { p50Ms, p99Ms, maxMs }) => [
    label,
    String(calls),
    String(failed),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    maxMs.toFixed(1),
  ];
  return table(
    ['event loop, ms late', 'calls', 'failed', 'p50', 'p99', 'max'],
    [
      row('ordinary traffic', steady, steady.delay),
      row('while a fifth fails and recovers', failing.others, failing.delay),
    ],
  );
}

function status({ failing: { connections, rounds, latency } }) {
  const row = (label, { count, p50Ms, p99Ms, maxMs }) => [
    label,
    String(count),
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    maxMs.toFixed(1),
  ];
  const seen = rounds.map(
    ({ down, downMs, backMs }) =>
      `${down} of ${connections} failed within ${seconds(downMs)} and were back after ${seconds(backMs)}`,
  );
  return [
    table(
      ['status, ms after the call that showed it', 'events', 'p50', 'p99', 'max'],
      [
        row('a connection failed', latency.failed),
        row('its grade is CRITICAL', latency.critical),
        row('a connection is back', latency.back),
      ],
    ),
    ...seen,
  ].join('\n');
}

const soaked = ({ forMs, calls, failed, downAtEnd, samples }) =>
  [
    table(
      [`soak of ${seconds(forMs)}`, 'heap MB', 'external MB', 'RSS MB'],
      samples.map(({ heapBytes, externalBytes, rssBytes }, at) => [
        `after ${seconds((forMs * (at + 1)) / samples.length)}`,
        mb(heapBytes),
        mb(externalBytes),
        mb(rssBytes),
      ]),
    ),
    `${calls} calls, of which ${failed} failed; ${downAtEnd} connections down at the end`,
  ].join('\n');

const mb = (bytes) => (bytes / 2 ** 20).toFixed(1);
const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;
