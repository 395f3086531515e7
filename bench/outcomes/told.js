const LONGEST = 60;

/**
 * @typedef {object} Told
 * @property {'resolves' | 'rejects' | 'waits'} how
 * @property {string | null} kind our outcome's kind; null for clients that have none
 * @property {string} text what the caller gets to see, cut
 */

/** @param {Promise<any>} call @returns {Promise<Told>} */
export const toldBy = (call) =>
  call.then(
    (value) => ({ how: 'resolves', kind: typeof value?.kind === 'string' ? value.kind : null, text: shown(value) }),
    (error) => ({ how: 'rejects', kind: null, text: shownError(error) }),
  );

function shown(value) {
  if (value?.kind === 'not-sent') return `not-sent, proof by ${value.proof.by}`;
  if (value?.kind === 'rejected') return `rejected: ${value.reason}`;
  if (typeof value?.kind === 'string') return value.kind;
  return cut(typeof value === 'string' ? `the text ${value}` : (JSON.stringify(value) ?? String(value)));
}

function shownError(error) {
  const name = error?.error_type ?? error?.code ?? error?.name ?? typeof error;
  return cut(`${name}: ${error?.message ?? ''}`);
}

const cut = (text) => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
};
