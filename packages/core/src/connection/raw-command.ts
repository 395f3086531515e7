import type { BrokerAdapter, RawReply, RawRequest } from '../contract/broker-adapter.js';
import type { CallRunner } from './call-runner.js';

export interface RawCommandOptions {
  readonly runner: CallRunner;
  readonly adapter: Pick<BrokerAdapter, 'raw'>;
  /** Its requests are not ours to see. */
  readonly usesOwnClient: boolean;
  readonly deadlineMs: number;
}

/**
 * A command the SDK does not know, on the order lane like any other. It has no journal row; whether it was sent is told
 * by the effect of what it throws.
 *
 * @throws {AlgoError}
 */
export async function sendRawCommand(request: RawRequest, options: RawCommandOptions): Promise<RawReply> {
  const { runner, adapter, usesOwnClient, deadlineMs } = options;
  const deadline = runner.deadline(deadlineMs);
  const call = await runner.beginCommand('entry', deadline);
  try {
    const reply = await runner.inTime(adapter.raw(request, call), deadline);
    runner.finishCommand(call, 'success', null);
    return reply;
  } catch (thrown) {
    const error = runner.failureOf(thrown);
    if (usesOwnClient) call.record.loseSight();
    const nothingAsked = call.record.asked === 0 && !usesOwnClient;
    const nothingSent = nothingAsked ? error.effect === 'none' : call.record.provesNotSent();
    runner.finishCommand(call, nothingSent ? null : 'unknown', error.code);
    throw error.withEffect(nothingSent ? 'none' : 'unknown');
  } finally {
    deadline.done();
  }
}
