/**
 * How a call ranks. Exits (cancels, and orders that reduce a position) go ahead of entries in every line and may pass an
 * open breaker; reads have lanes of their own and are what a half-open breaker is tried with.
 */
export type Urgency = 'exit' | 'entry' | 'read';
