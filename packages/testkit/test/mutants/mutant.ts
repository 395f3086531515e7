import type { BrokerAdapter, BrokerContext, BrokerDefinition, BrokerReply, BrokerRequest } from '@algo/core/adapter';
import { DHAN } from '../../../broker-dhan/test/support/conformance.js';
import type { BrokerSubject, ConformanceOptions } from '../../src/index.js';

/** A good adapter, broken in one place. */
export interface Mutant {
  readonly what: string;
  /** Part of the name of the test that has to fail. */
  readonly caughtBy: string;
  readonly options: ConformanceOptions;
}

/** A broken adapter: some of its methods made of the good ones. */
export const brokenAdapter = (
  what: string,
  caughtBy: string,
  breakIt: (good: BrokerAdapter, context: BrokerContext) => Partial<BrokerAdapter>,
): Mutant =>
  brokenDefinition(what, caughtBy, (definition) => ({
    connect(context) {
      const good = definition.connect(context);
      return { ...good, ...breakIt(good, context) };
    },
  }));

/** An adapter that sees another reply than the one that came. */
export const misreading = (
  what: string,
  caughtBy: string,
  change: (request: BrokerRequest, reply: BrokerReply) => BrokerReply,
): Mutant =>
  brokenDefinition(what, caughtBy, (definition) => ({
    connect: (context) =>
      definition.connect({
        ...context,
        http: { send: async (request, call) => change(request, await context.http.send(request, call)) },
      }),
  }));

/** An adapter that sends another request than it should. */
export const missending = (what: string, caughtBy: string, change: (request: BrokerRequest) => BrokerRequest): Mutant =>
  brokenDefinition(what, caughtBy, (definition) => ({
    connect: (context) =>
      definition.connect({
        ...context,
        http: { send: (request, call) => context.http.send(change(request), call) },
      }),
  }));

/** A definition that says what is not so. */
export const brokenDefinition = (
  what: string,
  caughtBy: string,
  change: (definition: BrokerDefinition, subject: BrokerSubject) => Partial<BrokerDefinition>,
): Mutant => ({
  what,
  caughtBy,
  options: {
    ...DHAN,
    report: () => undefined,
    subject: async (setup) => {
      const subject = await DHAN.subject(setup);
      return { ...subject, definition: { ...subject.definition, ...change(subject.definition, subject) } };
    },
  },
});

/** A definition with capabilities that are not true. */
export const brokenCapabilities = (
  what: string,
  caughtBy: string,
  lie: Partial<BrokerDefinition['capabilities']>,
): Mutant => brokenDefinition(what, caughtBy, ({ capabilities }) => ({ capabilities: { ...capabilities, ...lie } }));

/** The same reply with another body. */
export function withJson(reply: BrokerReply, change: (body: unknown) => unknown): BrokerReply {
  const text = JSON.stringify(change(reply.json()));
  return { ...reply, body: new TextEncoder().encode(text), text: () => text, json: (): unknown => JSON.parse(text) };
}
