import type { ModifyRequest, OrderRequest } from '../domain/order.js';

/** What a caller asked for, as it was then: callers go on writing to their objects while the order is on its way. */
export function ownCopy<Request extends OrderRequest | ModifyRequest>(request: Request): Request {
  if (!isObject(request)) return request; // the check says what is wrong with it
  const copy = { ...request };
  for (const name of NESTED) {
    const value: unknown = Reflect.get(copy, name);
    if (isObject(value)) Reflect.set(copy, name, { ...value });
  }
  return copy;
}

const NESTED = ['connection', 'emulate'] as const;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
