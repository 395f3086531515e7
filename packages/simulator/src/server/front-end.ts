import type { Operation } from './operations.js';

/** One request as it came off the socket. */
export interface IncomingRequest {
  readonly method: string;
  /** With the query, exactly as sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One reply before it meets the socket. */
export interface OutgoingReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Extra orders from the test to the front end, for one request. */
export interface Steering {
  /** Orders placed by this request stay out of sight for so long, in milliseconds of simulator time. */
  readonly hiddenForMs: number;
}

/** A broker's order books as they stood at one moment: rows in its own words, by client id. */
export type BookSnapshot = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;

/** A broker's wire over the exchange. The server knows brokers only through this. */
export interface FrontEnd {
  readonly broker: string;
  operationOf(request: IncomingRequest): Operation;
  /** Acts on the request and answers it. Never throws for what a client sent. */
  respond(request: IncomingRequest, steering: Steering): Promise<OutgoingReply>;
  snapshotBooks(): BookSnapshot;
  /** Answers a read of orders (book, by id, by tag) from a snapshot; any other request, or a refused one, as usual. */
  respondFromSnapshot(request: IncomingRequest, snapshot: BookSnapshot): Promise<OutgoingReply>;
  /** How the broker says "none" to a read that gives a list. */
  emptyListReply(operation: Operation): OutgoingReply;
  /** Refusals in the broker's own words. */
  rateLimitedReply(): OutgoingReply;
  expiredTokenReply(): OutgoingReply;
  serverErrorReply(status: number): OutgoingReply;
}
