import type { Connection } from '../connection/connection.js';
import type { OrderRoad } from '../orders/order-road.js';

/** A connection with its part of the order road. */
export interface Line extends OrderRoad {
  readonly connection: Connection;
}

/** Ends it, with no session of it left in memory. */
export async function endLine({ reconciler, elsewhere, connection }: Line): Promise<void> {
  reconciler.close();
  elsewhere.close();
  await connection.close();
  connection.credentialsChangedElsewhere();
}
