import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A port in front of a broker that can be taken away, as a network or a broker's front end can. */
export interface Gateway {
  /** The same for as long as it lives. */
  readonly origin: string;
  readonly isUp: boolean;
  /** Connections that were taken, also those that were reset at once. */
  readonly connections: number;
  up(): Promise<void>;
  /** Every connection is reset. `refuses`: new ones are refused; `resets`: they are taken and reset. */
  down(how: 'refuses' | 'resets'): Promise<void>;
}

/** @param target origin of the broker @returns a gateway that is up */
export async function startGateway(target: string): Promise<Gateway> {
  const port = Number(new URL(target).port);
  const sockets = new Set<Socket>();
  let isUp = true;
  let connections = 0;
  let listening: number | null = null;

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // its other side hears of it below
    return socket;
  };
  const server: Server = createServer((socket) => {
    connections += 1;
    if (!isUp) return void keep(socket).resetAndDestroy();
    const [near, far] = [keep(socket), keep(connect(port, '127.0.0.1'))];
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  const listen = async (): Promise<void> => {
    if (server.listening) return;
    server.listen(listening ?? 0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) listening = address.port;
  };
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await once(server, 'close');
  };
  await listen();
  onTestFinished(close);

  return {
    origin: `http://127.0.0.1:${listening}`,
    get isUp() {
      return isUp;
    },
    get connections() {
      return connections;
    },
    async up() {
      isUp = true;
      await listen();
    },
    async down(how) {
      isUp = false;
      if (how === 'refuses') return close();
      for (const socket of sockets) socket.resetAndDestroy();
      await listen();
    },
  };
}

/** The same address, behind the gateway. */
export const behind = ({ origin }: Gateway, address: string): string => `${origin}${new URL(address).pathname}`;
