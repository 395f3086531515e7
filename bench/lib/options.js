import { parseArgs } from 'node:util';

/**
 * @typedef {object} Options
 * @property {number | null} rounds null: the bench's own default
 * @property {number} seed
 * @property {readonly string[] | null} only
 * @property {boolean} quick
 * @property {boolean} json
 * @property {string | null} profile
 * @property {number | null} users null: the bench's own default
 * @property {boolean} soak
 */

/**
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function parseOptions(args) {
  const { values } = read(args);
  return {
    rounds: values.rounds === undefined ? null : wholeNumber('rounds', values.rounds, 1, 99),
    seed: values.seed === undefined ? Date.now() % 1_000_000 : wholeNumber('seed', values.seed, 0, 0xffffffff),
    only: values.only === undefined ? null : values.only.split(','),
    quick: values.quick,
    json: values.json,
    profile: values.profile ?? null,
    users: values.users === undefined ? null : wholeNumber('users', values.users, 1, 10_000),
    soak: values.soak,
  };
}

/**
 * The cases to run, in the order they are listed.
 *
 * @template {{ readonly name: string }} Case
 * @param {readonly Case[]} cases
 * @param {readonly string[] | null} only
 * @param {readonly string[]} always names of cases that everything is compared with
 */
export function chosen(cases, only, always = []) {
  const unknown = only?.find((name) => !cases.some((known) => known.name === name));
  if (unknown !== undefined) throw usage(`no case "${unknown}"; there are ${cases.map(({ name }) => name).join(', ')}`);
  return cases.filter(({ name }) => only === null || only.includes(name) || always.includes(name));
}

function read(args) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        seed: { type: 'string' },
        only: { type: 'string' },
        profile: { type: 'string' },
        users: { type: 'string' },
        soak: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw usage(error.message);
  }
}

function wholeNumber(name, text, least, most) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`--${name} must be a whole number from ${least} to ${most}`);
}

const usage = (message) => Object.assign(new Error(message), { usage: true });
