import type { AcknowledgedOrders } from './acknowledged-orders.js';
import type { OrderGate } from './order-gate.js';
import type { Reconciler } from './reconciler.js';
import type { RowsElsewhere } from './rows-elsewhere.js';
import type { StartUp } from './start-up.js';

/** One connection's part of the order road. */
export interface OrderRoad {
  readonly gate: OrderGate;
  readonly reconciler: Reconciler;
  readonly acknowledged: AcknowledgedOrders;
  readonly startUp: StartUp;
  readonly elsewhere: RowsElsewhere;
}
