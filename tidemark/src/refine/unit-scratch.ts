import type { Limits } from '../model/limits.ts';
import type { LinePlace } from './decode-line.ts';
import type { Verdict } from './judge-record.ts';
import type { UnitFiles } from './refined.ts';
import { ScratchLines } from './scratch-lines.ts';

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
  add(place: LinePlace, verdict: Verdict): Promise<void> | undefined {
    const lines = this.#addLine(place, verdict);
    if (lines.isDue) return lines.write();
    return this.#fingerprints.isDue ? this.#fingerprints.write() : undefined;
  }

  #addLine(place: LinePlace, verdict: Verdict): ScratchLines {
    // Fingerprints are hexadecimal and numbers are whole: nothing here needs an escape.
    const origin = `{"record_line":${place.line},"record_offset":${place.offset},"record_fingerprint":"${place.fingerprint}"`;
    switch (verdict.kind) {
      case 'accepted': {
        this.#accepted.add(verdict.cells === '' ? `${origin}}` : `${origin},${verdict.cells}}`);
        this.#fingerprints.add(`${place.fingerprint},${place.line},${place.offset}`);
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
