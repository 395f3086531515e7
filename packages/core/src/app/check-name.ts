import { AlgoError } from '../errors/algo-error.js';

/** Names of users, brokers and accounts: any text of 1 to 200 characters. */
export function checkName(field: string, value: unknown): void {
  if (typeof value === 'string' && value.length > 0 && value.length <= 200) return;
  throw new AlgoError('ALGO_INVALID_INPUT', {
    problems: [{ field, problem: 'must be a text of 1 to 200 characters' }],
  });
}

/** What a host hands over as one object. @throws {AlgoError} `ALGO_INVALID_INPUT` */
export function checkObject(field: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new AlgoError('ALGO_INVALID_INPUT', { problems: [{ field, problem: 'must be an object' }] });
}
