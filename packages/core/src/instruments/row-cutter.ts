import type { RowForm } from '../contract/instrument-master.js';
import { LineCutter } from './cut-lines.js';
import { ObjectCutter } from './cut-objects.js';
import { TextFieldReader } from './text-field-reader.js';

/** Takes the rows as they are cut; a row's bytes stay as they are until `push` of the piece they came in returns. */
export interface RowSink {
  row(bytes: Buffer, from: number, to: number): void;
  /** A row that is longer than any row of a master: it was not kept. */
  tooLong(): void;
}

/** Cuts a file that comes in pieces of any size. */
export interface RowCutter {
  /** @throws {BadMaster} when it is not a file of this form */
  push(piece: Buffer): void;
  /** The file is over. @throws {BadMaster} when it cannot be: it broke off in the middle. */
  end(): void;
}

const LONGEST_ROW = 16_384;
/** What the length of a kept row can be written down in. */
const LONGEST_EVER = 65_535;

export function createRowCutter(form: RowForm, sink: RowSink): RowCutter {
  const longest = Math.min(form.longestRow ?? LONGEST_ROW, LONGEST_EVER);
  switch (form.kind) {
    case 'lines':
      return new LineCutter(sink, longest);
    case 'json-objects':
      return new ObjectCutter(sink, longest);
    case 'lines-in-json':
      return new TextFieldReader(form.field, new LineCutter(sink, longest));
  }
}
