import type { AccountTerms } from './account.js';
import type { OrderTicket, OrderType, Validity } from './order.js';

/** What a modification sets. Quantity is the new total, filled part included; an absent field stays as it was. */
export interface OrderChange {
  readonly type?: OrderType;
  readonly validity?: Validity;
  readonly quantity?: number;
  readonly price?: number;
  readonly triggerPrice?: number;
  readonly disclosedQuantity?: number;
}

/** Names an order as its broker does. */
export interface OrderName {
  readonly broker: string;
  readonly clientId: string;
  readonly brokerOrderId: string;
}

/** Everything that can happen to the exchange from outside. Running the same ones at the same times gives the same state. */
export type ExchangeCommand =
  | { readonly kind: 'open-account'; readonly terms: AccountTerms }
  | { readonly kind: 'fund'; readonly broker: string; readonly clientId: string; readonly amount: number }
  | { readonly kind: 'set-price'; readonly instrumentId: string; readonly price: number }
  /** `units: null` is without limit. */
  | { readonly kind: 'set-liquidity'; readonly instrumentId: string; readonly units: number | null }
  | { readonly kind: 'place'; readonly ticket: OrderTicket }
  | { readonly kind: 'modify'; readonly name: OrderName; readonly change: OrderChange }
  | { readonly kind: 'cancel'; readonly name: OrderName }
  | { readonly kind: 'fill'; readonly name: OrderName; readonly quantity: number; readonly price: number };

/** A command with the instant it ran, epoch milliseconds. */
export interface RecordedCommand {
  readonly atMs: number;
  readonly command: ExchangeCommand;
}

/** Enough of a look to tell a line that an exchange wrote from any other. */
export function isRecordedCommand(value: unknown): value is RecordedCommand {
  return typeof value === 'object' && value !== null && 'atMs' in value && 'command' in value;
}
