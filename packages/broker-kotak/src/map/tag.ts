/** The field's length is not documented; 20 is what the other brokers of this kind take. UNSURE, as of 2026-11-20. */
export const TAG_LENGTH = 20;

/** What core makes tags of. Epochs, which Kotak's own ids begin with, hold a 1 until 2033. */
const OURS = /^[A-Z2-7]{1,20}$/;

/** Whether the field takes it whole. */
export const isTag = (text: string): boolean => OURS.test(text);

/**
 * Our tag out of what a row prints as `GuiOrdId`. After a cancel that is `<tag>-<epoch>`; after a modify, and for an order
 * that came without a tag, it is one of Kotak's own (`1655803172-359607-<user>-ADMINAPI`) and is given as it stands.
 *
 * @see Kotak-Neo/Kotak-neo-api-v2 issue 33, 2025-12-04
 */
export function tagOf(guiOrdId: string | null): string | null {
  if (guiOrdId === null) return null;
  const [head = ''] = guiOrdId.split('-');
  return isTag(head) ? head : guiOrdId;
}
