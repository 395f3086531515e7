import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingRequest, OutgoingReply } from './front-end.js';

export async function readRequest(message: IncomingMessage): Promise<IncomingRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of message) if (chunk instanceof Uint8Array) chunks.push(chunk);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: message.method ?? 'GET',
    url: message.url ?? '/',
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** Sends the whole reply. The `date` header follows the simulator's clock: clients may set their watch by it. */
export function send(response: ServerResponse, reply: OutgoingReply, atMs: number): void {
  if (response.destroyed) return;
  writeHead(response, reply, atMs);
  response.end(reply.body);
}

/** Promises the whole body, sends the first half and closes the socket. */
export function sendHalf(response: ServerResponse, reply: OutgoingReply, atMs: number): void {
  if (response.destroyed) return;
  writeHead(response, reply, atMs);
  response.write(reply.body.subarray(0, Math.floor(reply.body.length / 2)), () => response.socket?.destroy());
}

/** Closes the socket with a TCP reset. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function writeHead(response: ServerResponse, reply: OutgoingReply, atMs: number): void {
  response.sendDate = false;
  response.writeHead(reply.status, {
    ...reply.headers,
    'content-length': reply.body.length,
    date: new Date(atMs).toUTCString(),
  });
}
