import { isAlgoError } from '../errors/algo-error.js';

/** What a log may say of any error: its code or its name. Messages of drivers and hosts may carry connection strings. */
export function errorName(error: unknown): string {
  if (isAlgoError(error)) return error.code;
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
