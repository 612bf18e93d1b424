import type { Limits } from '../model/limits.ts';
import type { ProvenVerdict, WrittenCells } from './compiled/prove-line.ts';
import type { LinePlace } from './decode-line.ts';
import type { Verdict } from './judge-record.ts';
import type { UnitFiles } from './refined.ts';
import { ScratchLines } from './scratch-lines.ts';
import { copyBytes, type WordedBytes, worded } from './worded-bytes.ts';
import { writeAscii, writeDecimal } from './write-ascii.ts';

const CLOSING_BRACE = 0x7d;
const COMMA = 0x2c;
const QUOTE = 0x22;
/** Of fingerprint, line and offset beside each other, and of what `writeOrigin` puts around them. */
const FINGERPRINT_LINE_BYTES_MAX = 32 + 2 * 17;
const ORIGIN_BYTES_MAX = FINGERPRINT_LINE_BYTES_MAX + 64;

export interface UnitScratchRequest {
  readonly dir: string;
  readonly limits: Pick<Limits, 'partBytesMax' | 'violationsPerRecordMax'>;
}

/** Writes one line per record into the scratch file of its outcome; `UnitFiles` says what the lines hold. */
export class UnitScratch {
  readonly #violationsMax: number;
  readonly #accepted: ScratchLines;
  readonly #fingerprints: ScratchLines;
  readonly #rejects: ScratchLines;
  readonly #outOfWindow: ScratchLines;

  constructor({ dir, limits }: UnitScratchRequest) {
    this.#violationsMax = limits.violationsPerRecordMax;
    this.#accepted = new ScratchLines({ dir, name: 'accepted', partBytesMax: limits.partBytesMax });
    this.#fingerprints = new ScratchLines({
      dir,
      name: 'fingerprints',
      extension: 'csv',
      partBytesMax: null,
    });
    this.#rejects = new ScratchLines({ dir, name: 'rejects', partBytesMax: null });
    this.#outOfWindow = new ScratchLines({ dir, name: 'out-of-window', partBytesMax: null });
  }

  /** Resolves once the line may be forgotten; undefined, at no cost, where nothing is to be waited for. */
  add(place: LinePlace, verdict: Verdict | ProvenVerdict): Promise<void> | undefined {
    const lines = this.#addLine(place, verdict);
    if (lines.isDue) return lines.write();
    return this.#fingerprints.isDue ? this.#fingerprints.write() : undefined;
  }

  #addLine(place: LinePlace, verdict: Verdict | ProvenVerdict): ScratchLines {
    switch (verdict.kind) {
      case 'accepted': {
        this.#addAccepted(place, verdict.cells);
        return this.#accepted;
      }
      case 'rejected':
      case 'quarantined': {
        const violations = JSON.stringify(verdict.violations.slice(0, this.#violationsMax));
        this.#rejects.add(`${originOf(place)},"record_length":${place.length},"violations":${violations}}`);
        return this.#rejects;
      }
      case 'out_of_window': {
        this.#outOfWindow.add(`${originOf(place)},"cursor_value":${JSON.stringify(verdict.cursor.text)}}`);
        return this.#outOfWindow;
      }
    }
  }

  #addAccepted(place: LinePlace, cells: string | WrittenCells): void {
    if (typeof cells === 'string') {
      const origin = originOf(place);
      this.#accepted.add(cells === '' ? `${origin}}` : `${origin},${cells}}`);
    } else {
      this.#accepted.addWritten(ORIGIN_BYTES_MAX + cells.bytesMax + 1, (to, from) => {
        const end = cells.write(to, writeOrigin(place, to, from));
        to.bytes[end] = CLOSING_BRACE;
        return end + 1;
      });
    }
    this.#fingerprints.addWritten(FINGERPRINT_LINE_BYTES_MAX, ({ bytes }, from) => {
      let at = writeAscii(place.fingerprint, bytes, from);
      bytes[at] = COMMA;
      at = writeDecimal(place.line, bytes, at + 1);
      bytes[at] = COMMA;
      return writeDecimal(place.offset, bytes, at + 1);
    });
  }

  async finish(): Promise<UnitFiles> {
    const acceptedParts = await this.#accepted.finish();
    const fingerprintsPaths = await this.#fingerprints.finish();
    const [rejectsPath = null] = await this.#rejects.finish();
    const [outOfWindowPath = null] = await this.#outOfWindow.finish();
    const longestLineBytes = Math.max(
      this.#accepted.longestLineBytes,
      this.#rejects.longestLineBytes,
      this.#outOfWindow.longestLineBytes,
    );
    return { acceptedParts, fingerprintsPaths, rejectsPath, outOfWindowPath, longestLineBytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using _accepted = this.#accepted;
    await using _fingerprints = this.#fingerprints;
    await using _rejects = this.#rejects;
    await using _outOfWindow = this.#outOfWindow;
  }
}

/** Fingerprints are hexadecimal and numbers are whole: nothing here needs an escape. */
function originOf({ line, offset, fingerprint }: LinePlace): string {
  return `{"record_line":${line},"record_offset":${offset},"record_fingerprint":"${fingerprint}"`;
}

const [BEFORE_LINE, BEFORE_OFFSET, BEFORE_FINGERPRINT] = [
  '{"record_line":',
  ',"record_offset":',
  ',"record_fingerprint":"',
].map((text) => worded(Buffer.from(text))) as [WordedBytes, WordedBytes, WordedBytes];

/** The same, as the bytes that nearly every record gets: made as text and then encoded, it took three times as long. */
function writeOrigin({ line, offset, fingerprint }: LinePlace, to: WordedBytes, from: number): number {
  let at = copyBytes(BEFORE_LINE, 0, BEFORE_LINE.bytes.length, to, from);
  at = writeDecimal(line, to.bytes, at);
  at = copyBytes(BEFORE_OFFSET, 0, BEFORE_OFFSET.bytes.length, to, at);
  at = writeDecimal(offset, to.bytes, at);
  at = copyBytes(BEFORE_FINGERPRINT, 0, BEFORE_FINGERPRINT.bytes.length, to, at);
  at = writeAscii(fingerprint, to.bytes, at);
  to.bytes[at] = QUOTE;
  return at + 1;
}
