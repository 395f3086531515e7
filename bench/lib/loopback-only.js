import dgram from 'node:dgram';
import net from 'node:net';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** From now on nothing in this process can reach another machine: a client that tries gets an error. */
export function closeNetwork() {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function guarded(...args) {
    const given = Array.isArray(args[0]) ? args[0][0] : args[0];
    const host =
      typeof given === 'object' && given !== null ? given.host : typeof args[1] === 'string' ? args[1] : undefined;
    const isPipe = typeof given === 'string' || given?.path != null;
    if (!isPipe && host != null && !LOOPBACK.has(host)) throw new Error(`no way out to ${host} from a bench`);
    return connect.apply(this, args);
  };
  dgram.Socket.prototype.send = function closed() {
    throw new Error('no datagrams from a bench');
  };
}
