import type { Operation } from './operations.js';

/** Which requests a fault hits. */
export interface FaultMatch {
  readonly operation: Operation | '*';
  /** Only at this broker. @default at all */
  readonly broker?: string;
  /** The first request to hit, counted from 1 among those the fault sees after it was injected. @default 1 */
  readonly nth?: number;
  /** How many requests to hit from there on. @default 1, or 'always' when a probability is given */
  readonly times?: number | 'always';
  /** Chance from 0 to 1 that a request in range is hit; the simulator's seed decides which. @default 1 */
  readonly probability?: number;
}

export type FaultKind =
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  | { readonly kind: 'resetBefore' }
  | { readonly kind: 'resetAfter' }
  | { readonly kind: 'errorBefore'; readonly status: number }
  | { readonly kind: 'errorAfter'; readonly status: number }
  | { readonly kind: 'cutBody' }
  | { readonly kind: 'html'; readonly status: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'rateLimited' }
  | { readonly kind: 'expiredToken' }
  | { readonly kind: 'lateVisibility'; readonly hiddenForMs: number }
  | { readonly kind: 'staleBook' }
  | { readonly kind: 'emptyBook' }
  | { readonly kind: 'garbage' };

/**
 * One thing that goes wrong.
 *
 * Faults are asked in the order they were injected; the first that fires is the only one applied, and those behind it do
 * not count that request. `lateVisibility` is apart from them: it goes together with any other.
 */
export type Fault = FaultMatch & FaultKind;

/** Which of the matching requests; without any, the next one, once. */
export type FaultTiming = Omit<FaultMatch, 'operation'>;

type Where = FaultMatch['operation'];

/** Acts, then resets the socket instead of replying. */
export function dropReplyAfter(operation: Where, timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'resetAfter' };
}

/** Resets the socket without acting. */
export function resetBefore(operation: Where, timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'resetBefore' };
}

/**
 * Never answers, until `simulator.releaseHung()`.
 *
 * By default it acts first. With `when: 'before'` it acts only once released, even if the client has left by then: a
 * request that got stuck on the way and arrived late.
 */
export function hang(operation: Where, timing: FaultTiming & { readonly when?: 'before' | 'after' } = {}): Fault {
  return { operation, when: 'after', ...timing, kind: 'hang' };
}

/** Acts, then waits so many milliseconds of real time before replying. */
export function slow(operation: Where, delayMs: number, timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'slow', delayMs };
}

/** Acts, then answers with a server error. @default status 500 */
export function serverErrorAfter(operation: Where, timing: FaultTiming & { readonly status?: number } = {}): Fault {
  return { operation, status: 500, ...timing, kind: 'errorAfter' };
}

/** Answers with a server error without acting. @default status 500 */
export function serverErrorBefore(operation: Where, timing: FaultTiming & { readonly status?: number } = {}): Fault {
  return { operation, status: 500, ...timing, kind: 'errorBefore' };
}

/** Acts, promises the whole body in content-length, sends half and closes the socket. */
export function cutBody(operation: Where, timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'cutBody' };
}

/** Answers with an HTML maintenance page. @default status 503, without acting */
export function htmlPage(
  operation: Where,
  timing: FaultTiming & { readonly status?: number; readonly when?: 'before' | 'after' } = {},
): Fault {
  return { operation, status: 503, when: 'before', ...timing, kind: 'html' };
}

/** Refuses for too many calls, in the broker's words, without acting. */
export function rateLimited(operation: Where, timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'rateLimited' };
}

/** Refuses the access token, in the broker's words, without acting. The token itself stays good. */
export function expiredToken(operation: Where, timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'expiredToken' };
}

/**
 * Takes the order but keeps it and its trades out of every read for so many milliseconds of simulator time.
 *
 * Positions and funds are not held back: they move when it fills.
 */
export function lateVisibility(operation: Where, hiddenForMs: number, timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'lateVisibility', hiddenForMs };
}

/** Answers reads of orders (book, by id, by tag) as they stood when the fault was injected; other operations as usual. */
export function staleBook(operation: Where = 'orderBook', timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'staleBook' };
}

/** Answers an empty list: for the order book, or for `trades`, `positions` and other lists when told so. */
export function emptyBook(operation: Where = 'orderBook', timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'emptyBook' };
}

/** Acts, then answers valid HTTP around broken JSON. */
export function garbage(operation: Where, timing: FaultTiming = {}): Fault {
  return { operation, ...timing, kind: 'garbage' };
}
