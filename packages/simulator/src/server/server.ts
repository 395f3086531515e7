import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimulatorClock } from '../clock.js';
import { CONTROL_PREFIX } from './control.js';
import type { Control } from './control.js';
import { deliver } from './deliver.js';
import type { FaultPlan } from './fault-plan.js';
import type { FrontEnd } from './front-end.js';
import type { HangingRequests } from './hanging.js';
import type { ReceivedRequest } from './received.js';
import { readRequest, send } from './socket.js';

export interface ServerOptions {
  readonly port: number;
  readonly clock: SimulatorClock;
  readonly frontEnd: FrontEnd;
  readonly faults: FaultPlan;
  readonly hanging: HangingRequests;
  readonly control: Control;
  readonly onReceived: (request: ReceivedRequest) => void;
}

export interface RunningServer {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves one broker's front end, and the control calls, on a real port of this machine. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer((message, response) => {
    handle(options, message, response).catch((error: unknown) => fail(options, response, error));
  });
  server.keepAliveTimeout = 0; // never hang up on an idle client: an unasked-for reset would look like a fault
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(options: ServerOptions, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { clock, frontEnd, faults, hanging, control, onReceived } = options;
  const request = await readRequest(message);
  const now = (): number => clock.now();
  if (request.url.startsWith(CONTROL_PREFIX)) return send(response, control(request), now());

  const operation = frontEnd.operationOf(request);
  const trouble = faults.next(frontEnd.broker, operation);
  onReceived({
    atMs: now(),
    broker: frontEnd.broker,
    operation,
    method: request.method,
    path: request.url,
    headers: request.headers,
    body: request.body,
    fault: trouble.fired?.fault.kind ?? (trouble.hiddenForMs > 0 ? 'lateVisibility' : null),
  });
  await deliver({ frontEnd, hanging, request, response, trouble, now });
}

/** A client that left while sending is no news; anything else is a defect of the simulator and says so. */
function fail({ clock }: ServerOptions, response: ServerResponse, error: unknown): void {
  if (response.destroyed || response.headersSent) {
    response.destroy();
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  const body = Buffer.from(JSON.stringify({ simulatorError: message }));
  send(response, { status: 500, headers: { 'content-type': 'application/json' }, body }, clock.now());
}
