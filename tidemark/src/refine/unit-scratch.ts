import type { Limits } from '../model/limits.ts';
import type { ProvenVerdict, WrittenCells } from './compiled/prove-line.ts';
import type { LinePlace } from './decode-line.ts';
import type { Verdict } from './judge-record.ts';
import type { UnitFiles } from './refined.ts';
import { ScratchLines } from './scratch-lines.ts';

const CLOSING_BRACE = 0x7d;

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
    const origin = originOf(place);
    switch (verdict.kind) {
      case 'accepted': {
        this.#addAccepted(place, origin, verdict.cells);
        return this.#accepted;
      }
      case 'rejected': {
        const violations = JSON.stringify(verdict.violations.slice(0, this.#violationsMax));
        this.#rejects.add(`${origin},"record_length":${place.length},"violations":${violations}}`);
        return this.#rejects;
      }
      case 'out_of_window': {
        this.#outOfWindow.add(`${origin},"cursor_value":${JSON.stringify(verdict.cursor.text)}}`);
        return this.#outOfWindow;
      }
    }
  }

  #addAccepted(place: LinePlace, origin: string, cells: string | WrittenCells): void {
    if (typeof cells === 'string') {
      this.#accepted.add(cells === '' ? `${origin}}` : `${origin},${cells}}`);
    } else {
      this.#accepted.addWritten(origin.length + cells.bytesMax + 1, (to, from) => {
        const end = cells.write(to, from + to.write(origin, from, 'latin1'));
        return to.writeUInt8(CLOSING_BRACE, end);
      });
    }
    this.#fingerprints.add(`${place.fingerprint},${place.line},${place.offset}`);
  }

  async finish(): Promise<UnitFiles> {
    const acceptedParts = await this.#accepted.finish();
    const [fingerprintsPath = null] = await this.#fingerprints.finish();
    const [rejectsPath = null] = await this.#rejects.finish();
    const [outOfWindowPath = null] = await this.#outOfWindow.finish();
    const longestLineBytes = Math.max(
      this.#accepted.longestLineBytes,
      this.#rejects.longestLineBytes,
      this.#outOfWindow.longestLineBytes,
    );
    return { acceptedParts, fingerprintsPath, rejectsPath, outOfWindowPath, longestLineBytes };
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
