import { subscribe } from 'node:diagnostics_channel';

/**
 * Counts this process's sockets whenever one is opened: those that are not destroyed, because a destroyed one has given
 * its descriptor back although its `close` event comes a little later.
 *
 * @returns {{ readonly open: number, readonly most: number }}
 */
export function countSockets() {
  const alive = new Set();
  let most = 0;
  const open = () => {
    let count = 0;
    for (const { destroyed } of alive) if (!destroyed) count += 1;
    return count;
  };
  subscribe('net.client.socket', ({ socket }) => {
    alive.add(socket);
    socket.once('close', () => alive.delete(socket));
    if (alive.size > most) most = Math.max(most, open());
  });
  return {
    get open() {
      return open();
    },
    get most() {
      return most;
    },
  };
}
