import type { WatchNews } from '../connection/health-watch.js';
import type { ConnectionRef } from '../domain/order.js';
import type { Emitter } from '../runtime/emitter.js';
import type { ManagerEvents } from './manager-events.js';

/** What the watch found, as the events that the user's host hears. */
export function tellHealth(connection: ConnectionRef, news: WatchNews, events: Emitter<ManagerEvents>): void {
  switch (news.kind) {
    case 'health-changed': {
      const { quality, previous, health } = news;
      return events.emit(news.kind, { connection, quality, previous, health });
    }
    case 'alert-raised':
    case 'alert-resolved':
      return events.emit(news.kind, { connection, alert: news.alert });
  }
}
