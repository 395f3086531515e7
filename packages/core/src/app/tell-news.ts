import type { ConnectionNews } from '../connection/connection-news.js';
import type { ConnectionRef } from '../domain/order.js';
import type { Emitter } from '../runtime/emitter.js';
import type { ManagerEvents } from './manager-events.js';

/** What a connection tells, as the events that its user's host hears. */
export function tellNews(connection: ConnectionRef, news: ConnectionNews, events: Emitter<ManagerEvents>): void {
  switch (news.kind) {
    case 'reconnect-scheduled':
      return events.emit(news.kind, { connection, attempt: news.attempt, atMs: news.atMs });
    case 'login-needed':
      return events.emit(news.kind, { connection, endsAtMs: news.endsAtMs, why: news.why });
    case 'session-taken-over':
      return events.emit(news.kind, { connection, times: news.times, stopped: news.stopped });
    case 'egress-not-registered':
      return events.emit(news.kind, { connection, address: news.address, registered: news.registered });
  }
}
