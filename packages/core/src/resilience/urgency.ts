/**
 * How a call ranks, highest first. Cancels and checked exits reduce risk: they go ahead of everything in every line and
 * may pass an open breaker. Reads have lanes of their own and are what a half-open breaker is tried with.
 */
export const URGENCIES = ['cancel', 'exit', 'modify', 'entry', 'read', 'data'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** What a breaker tells apart. */
export type UrgencyClass = 'exit' | 'entry' | 'read';

/** What goes on the order lane. */
export type CommandUrgency = Exclude<Urgency, 'read' | 'data'>;

/** Whether it only takes risk away, so that nothing but the broker itself may stop it. */
export const reducesRisk = (urgency: Urgency): boolean => urgency === 'cancel' || urgency === 'exit';

export const classOf = (urgency: Urgency): UrgencyClass => {
  if (reducesRisk(urgency)) return 'exit';
  return isCommand(urgency) ? 'entry' : 'read';
};

export const isCommand = (urgency: Urgency): urgency is CommandUrgency => urgency !== 'read' && urgency !== 'data';
