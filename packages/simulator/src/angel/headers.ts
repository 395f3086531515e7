import type { Reply } from '../wire.js';
import { serviceError } from './replies.js';

/** Fixed values, as documented. */
const FIXED = [
  ['x-usertype', 'USER'],
  ['x-sourceid', 'WEB'],
] as const;

/** Asked for, and never looked into: official clients send "null" and invented addresses. */
const PRESENT = ['x-clientlocalip', 'x-clientpublicip', 'x-macaddress', 'x-privatekey'] as const;

/** A refusal when a header is missing that every REST call carries. Which words Angel One has for it is not known. */
export function headerProblem(headers: Headers): Reply | undefined {
  const wrong = FIXED.find(([name, value]) => headers.get(name) !== value)?.[0];
  const missing = wrong ?? PRESENT.find((name) => !headers.has(name));
  return missing === undefined ? undefined : serviceError('AB1007', `Invalid parameters: header ${missing}`);
}

/** The JWT of `Authorization: Bearer JWT`; some clients put Bearer in front of a token that has it already. */
export function bearerOf(authorization: string | null | undefined): string {
  return /^(?:Bearer\s+)+(.*)$/i.exec(authorization ?? '')?.[1]?.trim() ?? '';
}
