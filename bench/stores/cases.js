/**
 * @typedef {object} Case runs in a process of its own, once a round
 * @property {string} name
 * @property {string} label
 * @property {string} module in `cases/`; exports `measure(job)`
 * @property {object} [options] for it
 * @property {'server' | 'sqlite-million' | 'postgres-million'} [needs]
 * @property {readonly Line[]} lines
 */

/**
 * @typedef {object} Line one line of the report
 * @property {string} what
 * @property {string} ours name of the measure
 * @property {string} [raw] name of the measure it stands beside
 * @property {'us' | 'ns' | 'rows/s' | '%' | 'ms' | ''} unit of both
 * @property {string} [id] of its target
 * @property {Bar} [bar] its target; none for what is shown for information
 */

/**
 * @typedef {object} Bar
 * @property {'ratio' | 'added' | 'value'} of ours to raw, ours less raw, or ours alone
 * @property {number} [most]
 * @property {number} [least]
 */

/** A time beside the raw driver's. */
const us = (what, ours, raw, target = {}) => ({ what, ours, raw, unit: 'us', ...target });
const atMost = (id, most) => ({ id, bar: { of: 'ratio', most } });
const value = (id, bar) => ({ id, bar: { of: 'value', ...bar } });

const hitRatio = (pattern, label, target) => ({
  name: `hits-${pattern}`,
  label: `Hit ratio of 5,000 connections with a cache of 4,000 sessions, ${label}`,
  module: 'hit-ratio',
  options: { pattern },
  lines: [
    { what: 'calls that asked no store', ours: 'hits', unit: '%', ...target },
    { what: 'the most there can be, changes aside', ours: 'ceiling', unit: '%' },
    { what: 'as cacheMetrics() counts it', ours: 'counted', unit: '%' },
  ],
});

const postgresCredentials = (name, label, options, target) => ({
  name,
  label: `PostgreSQL: credentials${label}, beside pg with named statements`,
  module: 'postgres-credentials',
  options,
  needs: 'server',
  lines: [
    us('read', 'get', 'rawGet', target(1.2)),
    us('read and decrypt', 'read', 'rawGet'),
    us('write', 'put', 'rawPut', target(1.2)),
    us('the same beside a write that notifies too', 'put', 'rawPutNotify'),
    us('write with audit entry', 'audited', 'rawAudited'),
    us('50 reads at a time, 10 connections', 'get50', 'rawGet50'),
    { what: 'unnamed statements', ours: 'unnamed', unit: '', ...(options.fenced ? {} : value('P11', { most: 0 })) },
  ],
});

const questions = (database, label) => ({
  name: `${database}-queries`,
  label: `${label}: questions to a journal of 1,000,000 attempts, 277,000 orders and 277,000 fills of 10,000 users; every tenth is about one of the ten busiest, ms`,
  module: `${database}-queries`,
  needs: `${database}-million`,
  lines: [{ what: 'the slowest question, p95', ours: 'slowest', unit: 'ms', ...value('p95', { most: 50 }) }],
});

/** @type {readonly Case[]} */
export const CASES = [
  {
    name: 'sqlite-credentials',
    label: 'SQLite: credentials, beside better-sqlite3 and node:crypto',
    module: 'sqlite-credentials',
    lines: [
      us('read and decrypt, data key known', 'read', 'rawRead', atMost('P9', 1.4)),
      us('read and decrypt, data key unwrapped', 'firstRead', 'rawRead'),
      us('write, durability normal', 'putNormal', 'rawPutNormal', atMost('P9', 1.3)),
      us('write, durability full', 'putFull', 'rawPutFull', atMost('P9', 1.3)),
      us('write with audit entry, normal', 'auditedNormal', 'rawAuditedNormal', atMost('P9', 1.3)),
      us('write with audit entry, full', 'auditedFull', 'rawAuditedFull', atMost('P9', 1.3)),
      us('the same beside a write without one', 'auditedFull', 'rawPutFull'),
    ],
  },
  {
    name: 'sqlite-instruments',
    label: 'SQLite: a master of 200,000 instruments, beside better-sqlite3 with the same columns and indexes',
    module: 'sqlite-instruments',
    lines: [
      { what: 'first load', ours: 'load', raw: 'rawLoad', unit: 'rows/s', id: 'P9', bar: { of: 'ratio', least: 0.85 } },
      { what: 'in place of another', ours: 'replace', raw: 'rawReplace', unit: 'rows/s' },
    ],
  },
  {
    name: 'session',
    label: 'Cached session as every call asks for it, beside Map.get and a look at its end',
    module: 'session-read',
    lines: [
      { what: 'one account', ours: 'one', raw: 'mapOne', unit: 'ns', ...value('P10', { most: 200 }) },
      {
        what: '4,000 accounts at random, out of memory the processor has not at hand',
        ours: 'many',
        raw: 'mapMany',
        unit: 'ns',
      },
      { what: 'store reads and decryptions', ours: 'opened', unit: '', ...value('P10', { most: 0 }) },
    ],
  },
  // No target: 4,000 places for 5,000 connections that are read alike find 80 % and no more, whatever the cache.
  hitRatio('even', '20 reads a minute each, spread evenly at random', {}),
  hitRatio('bursts', '20 reads a minute each, four at a time', value('hits', { least: 80 })),
  postgresCredentials('postgres-credentials', '', { fenced: false }, (most) => atMost('P11', most)),
  postgresCredentials('postgres-fenced', ' under row-level security', { fenced: true }, () => ({})),
  {
    name: 'postgres-instruments',
    label: 'PostgreSQL: a master of 50,000 instruments, beside pg with the same columns, indexes and chunks',
    module: 'postgres-instruments',
    needs: 'server',
    lines: [
      { what: 'first load', ours: 'load', raw: 'rawLoad', unit: 'rows/s' },
      { what: 'in place of another', ours: 'replace', raw: 'rawReplace', unit: 'rows/s' },
    ],
  },
  {
    name: 'change-seen',
    label: 'PostgreSQL: a credential written here until another process hears of it',
    module: 'change-seen',
    needs: 'server',
    lines: [
      us('p50, beside a bare NOTIFY', 'seen', 'notify', atMost('P12', 2)),
      us('p50, beside a write that notifies', 'seen', 'rawPutNotify'),
      us('p99, beside a bare NOTIFY', 'seenP99', 'notifyP99'),
      us('heard after the write was answered, p50', 'afterAnswer'),
    ],
  },
  {
    name: 'hand-over',
    label: 'PostgreSQL: a lease released here until another process has it',
    module: 'hand-over',
    needs: 'server',
    lines: [
      us('p50, beside an advisory lock', 'lease', 'lock', atMost('P12', 2)),
      us('p99, beside an advisory lock', 'leaseP99', 'lockP99'),
      us('p50, beside two writes and a NOTIFY', 'lease', 'rawSteps'),
    ],
  },
  {
    name: 'sqlite-journal',
    label: 'SQLite: order journal, beside a file of lines of 150 bytes',
    module: 'sqlite-journal',
    lines: [
      us('one caller, normal, beside write', 'addNormal', 'write', { id: 'P13', bar: { of: 'added', most: 3 } }),
      us('the same beside an insert of better-sqlite3', 'addNormal', 'insertNormal'),
      us('its move to an end, beside an update of better-sqlite3', 'moveNormal', 'updateNormal'),
      us('one caller, full, beside write and fdatasync', 'addFull', 'writeSync'),
      us('100 callers, full, a line', 'sharedFull', 'sharedSync', atMost('P13', 1.5)),
      us('the same beside better-sqlite3, 100 lines to a transaction', 'sharedFull', 'sharedInsert'),
      us('100 callers, full, wait p50', 'waitP50', 'rawWaitP50'),
      us('100 callers, full, wait p99', 'waitP99', 'rawWaitP99'),
    ],
  },
  {
    name: 'postgres-journal',
    label: 'PostgreSQL: order journal, beside pg inserts into a table of the same columns and indexes',
    module: 'postgres-journal',
    needs: 'server',
    lines: [
      us('one caller', 'add', 'insert'),
      us('100 callers, a line, beside 10 connections', 'shared', 'pooled'),
      us('100 callers, a line, beside inserts of 100 rows', 'shared', 'insert100'),
      us('100 callers, wait p50', 'waitP50', 'rawWaitP50'),
      us('100 callers, wait p99', 'waitP99', 'rawWaitP99'),
    ],
  },
  questions('sqlite', 'SQLite'),
  questions('postgres', 'PostgreSQL'),
];
