import { isUtf8 } from 'node:buffer';
import type { Contract } from '../../contract/contract.ts';
import type { ExactObject, ExactValue } from '../../model/exact-number.ts';
import type { Limits } from '../../model/limits.ts';
import type { LinePlace } from '../decode-line.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { RecordRules, Verdict } from '../judge-record.ts';
import type { HeldLine, LineBatch, ReadLine } from '../split-lines.ts';
import { type WordedBytes, worded } from '../worded-bytes.ts';
import { compileScanner } from './compile-scanner.ts';

/** Cells that are written where they are wanted, each with a comma in front of it. */
export interface WrittenCells {
  readonly bytesMax: number;
  /** The index behind what it wrote from `from` on. */
  write(to: WordedBytes, from: number): number;
}

export type ProvenVerdict =
  | Extract<Verdict, { kind: 'out_of_window' }>
  | (Omit<Extract<Verdict, { kind: 'accepted' }>, 'cells'> & { readonly cells: WrittenCells });

export interface ProvenLine {
  readonly place: LinePlace;
  readonly verdict: ProvenVerdict;
}

/** Proves lines of a batch; null for one that is for the explaining lane. Good until the next line is asked for. */
export interface LineProver {
  begin(batch: LineBatch<ReadLine>): void;
  prove(line: HeldLine): ProvenLine | null;
}

export interface ProverRules extends Pick<RecordRules, 'readCursor'> {
  readonly contract: Contract;
  readonly limits: Pick<Limits, 'recordDepthMax'>;
  /** The property of the window; null without one. */
  readonly windowField: string | null;
}

/** The compiled lane of a contract; null where it can prove nothing. */
export function compileLineProver({
  contract,
  limits,
  readCursor,
  windowField,
}: ProverRules): LineProver | null {
  const plan = compileScanner(contract, limits);
  if (plan.kind === 'none') return null;
  const { scanner } = plan;
  let canonical = worded(Buffer.allocUnsafe(0));
  let bytes: Buffer = Buffer.allocUnsafe(0);
  let isText = false;

  function cursorOf(): ReturnType<NonNullable<RecordRules['readCursor']>> | null {
    if (readCursor === null || windowField === null) return null;
    const text = scanner.valueText(windowField);
    // A number that was proven is spelt as its double prints, so that JSON.parse rounds nothing.
    const record: ExactObject = text === null ? {} : { [windowField]: JSON.parse(text) as ExactValue };
    return readCursor(record);
  }

  return {
    begin(batch) {
      bytes = batch.bytes;
      const [first, last] = [batch.lines.find(isHeld), batch.lines.findLast(isHeld)];
      // Once for all lines is next to nothing; lines of a batch that is not text are looked at one by one.
      isText = first !== undefined && last !== undefined && isUtf8(bytes.subarray(first.start, last.end));
    },

    prove({ number, offset, start, end, length: written }) {
      if (!isText && !isUtf8(bytes.subarray(start, end))) return null;
      if (!scanner.prove(bytes, start, end)) return null;
      const cursor = cursorOf();
      const missing = cursor?.kind === 'missing';
      if (missing && readCursor?.nullCursor !== 'include') return null;
      const length = end - start;
      if (canonical.bytes.length < length) canonical = worded(Buffer.allocUnsafe(2 * length));
      const fingerprint = fingerprintOf(canonical.bytes.subarray(0, scanner.writeCanonical(canonical)));
      const place = { line: number, offset, length: written ?? length, fingerprint };
      if (!missing && cursor?.inside === false) return { place, verdict: { kind: 'out_of_window', cursor } };
      const cells = {
        bytesMax: scanner.cellBytesMax(length),
        write: (to: WordedBytes, from: number) => scanner.writeCells(to, from),
      };
      const accepted = { kind: 'accepted', cells, eventTime: scanner.eventTime() } as const;
      if (missing) return { place, verdict: { ...accepted, cursor: null, withoutCursor: true } };
      return { place, verdict: { ...accepted, cursor } };
    },
  };
}

function isHeld(line: ReadLine): line is HeldLine {
  return line.kind === 'held';
}
