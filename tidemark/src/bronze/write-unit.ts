import { type Digest, mergeDigests, withoutDigest } from '../model/digest.ts';
import type { RefinedStretch, RefinedUnit } from '../refine/refined.ts';
import type { DataEngine, OpenEngine } from './data-engine.ts';
import { type Duplicates, NO_DUPLICATES } from './deduplicate.ts';
import { DuplicateSearch } from './duplicate-search.ts';
import { EngineQueue } from './engine-queue.ts';
import type { DataFile } from './iceberg/data-file.ts';
import { memoryLadder } from './memory-ladder.ts';
import { filledProperties, type ObservedSchema, type Unexpected } from './observed-schema.ts';
import type { OpenTable } from './open-table.ts';
import type { PreparedFiles } from './prepared-unit.ts';
import { acceptedWork, rejectsWork, skipsWork, type UnitOrigin, type Work } from './unit-works.ts';

export interface UnitTables {
  readonly bronze: OpenTable;
  readonly rejects: OpenTable;
  readonly skips: OpenTable;
}

export interface UnitToWrite extends UnitOrigin {
  /**
   * Files that may hold a record equal to one of these. Null for units whose rows are not deduplicated one by one (asset
   * rows).
   */
  readonly keeperFiles: ((of: RefinedStretch) => Promise<readonly string[]>) | null;
  /** Data files that are written at a time. */
  readonly copiesAtOnce: number;
  /** What the process may hold, as `EngineQueueOptions` has it. */
  readonly heldBytesMax: number;
}

export interface WrittenUnit {
  readonly files: readonly PreparedFiles[];
  readonly duplicates: number;
  /** Of the records that entered, and of those found to be there already. */
  readonly entered: Digest;
  readonly duplicate: Digest;
  readonly observed: ObservedSchema;
}

/**
 * Earlier records of the unit for one that is compared with them: stretches wait until they are enough for that. So a
 * unit is compared in few turns, which take some 20 ms each, and in time proportional to it however many stretches it has.
 */
const EARLIER_PER_INCOMING_MAX = 3;

/**
 * Writes one refined unit: accepted rows, rejections, skips. Nothing of it is visible before the commit.
 * 1. Stretches are written while later ones are refined: what of them is a duplicate is decided by those before.
 * 2. History is read once: a stretch that it may hold equals of waits for the last one, and with it all behind it.
 * 3. Data files and their rows are the same whenever stretches come, and whether they were told or come at the end.
 */
export class UnitWriting implements AsyncDisposable {
  readonly #tables: UnitTables;
  readonly #unit: UnitToWrite;
  readonly #search: DuplicateSearch;
  readonly #openQueue: (shares: number) => EngineQueue<TableFiles>;
  #queue: EngineQueue<TableFiles> | null = null;

  /** Not compared yet; those of a unit that was told of no stretch come all at the end. */
  #waiting: RefinedStretch[] = [];
  #wasTold = false;
  #waitsForAll = false;
  #comparedRecords = 0;
  #comparing: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  #parts = 0;
  readonly #duplicates: Duplicates[] = [];

  constructor(open: OpenEngine, { tables, ...unit }: UnitToWrite & { tables: UnitTables }) {
    this.#tables = tables;
    this.#unit = unit;
    const alone = memoryLadder(open);
    // Half of a copy's share: what it holds grows with the unit, and a scan of it now and then may as well spill.
    const share = () => open({ shares: 2 * unit.copiesAtOnce });
    this.#search = new DuplicateSearch({ open: share, alone, scratchDir: unit.scratchDir });
    this.#openQueue = (shares) => new EngineQueue({ ...unit, open, alone, shares });
  }

  /** The next stretch of the unit. @throws what writing those before it failed with */
  take(stretch: RefinedStretch): void {
    if (this.#failure !== null) throw this.#failure.error;
    this.#wasTold = true;
    this.#waiting.push(stretch);
    if (this.#comparing === null && this.#isDue()) this.#comparing = this.#compareWaiting();
  }

  /** Once all of it is refined. */
  async finish(refined: RefinedUnit): Promise<WrittenUnit> {
    await this.#comparing;
    if (this.#failure !== null) throw this.#failure.error;
    const rest = this.#wasTold ? joined(this.#waiting) : refined;
    const works = this.#acceptedWorks(rest, await this.#duplicatesOf(rest));
    const unexpected: Unexpected[] = [];
    const { rejects, skips } = this.#tables;
    const whole = { ...this.#unit, refined, duplicates: this.#duplicates };
    works.push(...rejectsWork(rejects, whole, (found) => unexpected.push(...found)).map(into(rejects)));
    works.push(...skipsWork(skips, whole).map(into(skips)));
    this.#queue ??= this.#openQueue(Math.min(this.#unit.copiesAtOnce, works.length));
    for (const work of works) this.#queue.add(work);
    // Giving its memory back takes this thread 30 ms: others are at work by now.
    await this.#search[Symbol.asyncDispose]();
    return this.#account(refined, { written: await this.#queue.finish(), unexpected });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waitsForAll = true;
    await this.#comparing;
    await this.#search[Symbol.asyncDispose]();
    await this.#queue?.[Symbol.asyncDispose]();
  }

  /** Never rejects: what goes wrong is told to whoever brings the next stretch, or ends. */
  async #compareWaiting(): Promise<void> {
    try {
      while (this.#isDue()) await this.#compare(joined(this.#waiting.splice(0)));
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#comparing = null;
    }
  }

  #isDue(): boolean {
    if (this.#waitsForAll || this.#waiting.length === 0) return false;
    const incoming = this.#waiting.reduce((sum, { accepted }) => sum + accepted.count, 0);
    return incoming * EARLIER_PER_INCOMING_MAX >= this.#comparedRecords;
  }

  async #compare(stretch: RefinedStretch): Promise<void> {
    const { keeperFiles, copiesAtOnce } = this.#unit;
    const files = (await keeperFiles?.(stretch)) ?? [];
    if (files.length > 0) {
      this.#waiting.unshift(stretch);
      this.#waitsForAll = true;
      return;
    }
    const found = await this.#search.compare({ ...stretch, keeperFiles: files });
    this.#comparedRecords += stretch.accepted.count;
    this.#queue ??= this.#openQueue(copiesAtOnce);
    for (const work of this.#acceptedWorks(stretch, found)) this.#queue.add(work);
  }

  async #duplicatesOf(rest: RefinedStretch): Promise<Duplicates> {
    const { keeperFiles } = this.#unit;
    if (keeperFiles === null) return NO_DUPLICATES;
    return await this.#search.compareRest({ ...rest, keeperFiles: await keeperFiles(rest) });
  }

  #acceptedWorks(stretch: RefinedStretch, found: Duplicates): TableWork[] {
    this.#duplicates.push(found);
    const { longestLineBytes } = stretch;
    const { bronze } = this.#tables;
    return stretch.acceptedParts.map((path) => {
      const part = { path, part: this.#parts++, longestLineBytes, duplicates: found.path };
      return into(bronze)(acceptedWork(bronze, { ...this.#unit, ...part }));
    });
  }

  #account(
    refined: RefinedUnit,
    { written, unexpected }: { written: readonly TableFiles[]; unexpected: readonly Unexpected[] },
  ): WrittenUnit {
    const { bronze, rejects, skips } = this.#tables;
    const filesOf = (of: OpenTable) => written.flatMap(({ table, files }) => (table === of ? files : []));
    const files = [bronze, rejects, skips]
      .map((table) => prepared(table, filesOf(table)))
      .filter((entry) => entry.records > 0);
    const duplicate = mergeDigests(this.#duplicates.map(({ digest }) => digest));
    const observed = {
      filled: filledProperties(filesOf(bronze), { ...this.#unit, ...bronze }),
      unexpected,
    };
    const entered = withoutDigest(refined.accepted, duplicate);
    return { files, duplicates: duplicate.count, entered, duplicate, observed };
  }
}

interface TableFiles {
  readonly table: OpenTable;
  readonly files: readonly DataFile[];
}

type TableWork = (engine: DataEngine) => Promise<TableFiles>;

function into(table: OpenTable) {
  return (work: Work): TableWork =>
    async (engine) => ({ table, files: await work(engine) });
}

/** Stretches that follow one another as one. One with rows of which none has an event time is compared with everything. */
function joined(stretches: readonly RefinedStretch[]): RefinedStretch {
  const filled = stretches.filter(({ accepted }) => accepted.count > 0);
  const times = filled.flatMap(({ eventTime }) => eventTime ?? []);
  const [first] = times;
  return {
    acceptedParts: stretches.flatMap(({ acceptedParts }) => acceptedParts),
    fingerprintsPaths: stretches.flatMap(({ fingerprintsPaths }) => fingerprintsPaths),
    longestLineBytes: Math.max(0, ...stretches.map(({ longestLineBytes }) => longestLineBytes)),
    accepted: mergeDigests(stretches.map(({ accepted }) => accepted)),
    eventTime:
      first === undefined || times.length < filled.length
        ? null
        : times.reduce(
            (range, { min, max, missing }) => ({
              min: min < range.min ? min : range.min,
              max: max > range.max ? max : range.max,
              missing: range.missing + missing,
            }),
            { ...first, missing: 0 },
          ),
  };
}

export function prepared(table: OpenTable, files: readonly DataFile[]): PreparedFiles {
  return {
    table: table.definition.name,
    files,
    records: files.reduce((sum, file) => sum + file.recordCount, 0),
    layout: table.layout,
  };
}
