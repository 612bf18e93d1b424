import { availableParallelism } from 'node:os';

/** Every bound of the engine, named, with its unit last. Configuration may lower or raise them; nothing is unbounded. */
export interface Limits {
  /** Longest JSONL line that is parsed; a longer one is a rejection (`line_too_long`), read past without being held. */
  readonly lineBytesMax: number;
  /** Deepest nesting of one record; the record object itself is depth 1. Deeper is a rejection (`too_deep`). */
  readonly recordDepthMax: number;
  /** Violations kept per rejected record (the record is never dropped, its list of reasons is bounded). */
  readonly violationsPerRecordMax: number;
  /** Largest manifest or contract file that is read. */
  readonly declarationBytesMax: number;
  /** Read and write unit of streamed bytes. */
  readonly chunkBytes: number;
  /** Assets whose sources are received at the same time; large files are hashed in threads of their own. */
  readonly landingsAtOnceMax: number;
  /** Free space that landing leaves on the disk of the home, so that catalog and evidence can be written. */
  readonly freeBytesMin: number;
  /** Threads that refine one asset. */
  readonly refineWorkersMax: number;
  /** Bytes of the largest asset that is refined without a thread of its own: starting one takes as long. */
  readonly refineInPlaceBytesMax: number;
  /** Bytes that a compressed source may come to when it is decoded; beyond it the asset is refused. */
  readonly decodedBytesMax: number;
  /** Decoded bytes for one compressed byte, once there are 16 MiB of them; beyond it the asset is refused as a bomb. */
  readonly decodedRatioMax: number;
  /** Members that a zip archive may hold, whichever of them are read. */
  readonly archiveMembersMax: number;
  /** Scratch text after which a data file is closed and the next begun. */
  readonly partBytesMax: number;
  /** DuckDB's memory limit; beyond it, it spills to the scratch folder. */
  readonly duckdbMemoryBytes: number;
  readonly duckdbThreads: number;
  /** Largest document whose pages are counted; above it the page count stays unobserved (null). */
  readonly documentBytesMax: number;
  /** Largest sidecar (transcript, OCR text) that is accepted. */
  readonly sidecarBytesMax: number;
  /** Attempts of a commit whose compare-and-swap lost to another writer. */
  readonly commitAttemptsMax: number;
  /** Files that a folder may hold that is declared as one source. */
  readonly folderFilesMax: number;
  /** Objects of a bucket that one listing may go through to find those that are meant. */
  readonly objectsListedMax: number;
  /** Times that a source is read when reading it fails for a reason that may pass, such as EIO. */
  readonly sourceAttemptsMax: number;
  /** Wait before the second time; it doubles for each one after. */
  readonly retryDelayMs: number;
  /** Largest source that is received from a URL. */
  readonly httpBytesMax: number;
  /** Longest time in which a server that is asked for bytes sends none. */
  readonly httpIdleMs: number;
  /** Longest time that receiving one URL may take, all attempts together. */
  readonly httpTotalMs: number;
  /** Longest wait that a server may ask for before it is asked again. */
  readonly httpWaitMsMax: number;
  readonly httpRedirectsMax: number;
  /** Largest page of an API, and most pages of one reading. */
  readonly apiPageBytesMax: number;
  readonly apiPagesMax: number;
  /** Longest time in which a Singer tap writes nothing. */
  readonly tapIdleMs: number;
  readonly tapTotalMs: number;
  /** Longest wait for a table of a database that another transaction has locked. */
  readonly databaseLockMs: number;
  /** Longest time that one reading of a database's table may take. */
  readonly databaseTotalMs: number;
  /** Small manifests of a table before a commit merges them into one. */
  readonly manifestsMergeMin: number;
  /** Size from which a manifest is small no longer. */
  readonly manifestBytesTarget: number;
  /** Latest snapshots of a table that are kept however old they are. */
  readonly snapshotsKeptMin: number;
  /** Beyond so many the older ones expire however young they are; between the two they expire by age. */
  readonly snapshotsKeptMax: number;
  readonly snapshotAgeMs: number;
  /** Snapshots that could expire before a run expires them by itself. */
  readonly snapshotsExpireMin: number;
  /** Earlier metadata files of a table that maintenance leaves. */
  readonly metadataFilesKept: number;
  /** Small data files of a like size before they are compacted into one. */
  readonly filesCompactMin: number;
  /** Size from which a data file is small no longer. */
  readonly dataFileBytesTarget: number;
  /** Size from which a run leaves a data file alone that `maintain` would compact: a large load is not written twice. */
  readonly compactedByRunBytesMax: number;
  /** Size at which a file of a table of newest versions is closed and the next begun: what one changed key has written anew. */
  readonly currentFileBytesTarget: number;
  /** Attempts of one request to a store; the waits between them double and are jittered. */
  readonly storeAttemptsMax: number;
  /** Copies of a store's files that the home keeps beyond those in use. */
  readonly storeCopiesBytesMax: number;
  /** How old a file that nobody knows must be before maintenance removes it. */
  readonly orphanAgeMs: number;
}

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What configuration may raise a limit to, where more would break something: the strict reader's stack, V8's longest string. */
export const LIMIT_CEILINGS: Partial<Limits> = { recordDepthMax: 1000, lineBytesMax: 256 * MIB };

export const DEFAULT_LIMITS: Limits = {
  lineBytesMax: 16 * MIB,
  recordDepthMax: 64,
  violationsPerRecordMax: 32,
  declarationBytesMax: 16 * MIB,
  chunkBytes: MIB,
  landingsAtOnceMax: 4,
  freeBytesMin: 64 * MIB,
  refineWorkersMax: Math.min(4, availableParallelism()),
  refineInPlaceBytesMax: 32 * MIB,
  decodedBytesMax: 1024 * 1024 * MIB,
  decodedRatioMax: 200,
  archiveMembersMax: 10_000,
  partBytesMax: 96 * MIB,
  duckdbMemoryBytes: 384 * MIB,
  duckdbThreads: 2,
  documentBytesMax: 256 * MIB,
  sidecarBytesMax: 64 * MIB,
  commitAttemptsMax: 8,
  folderFilesMax: 10_000,
  objectsListedMax: 1_000_000,
  sourceAttemptsMax: 4,
  retryDelayMs: 250,
  httpBytesMax: 64 * 1024 * MIB,
  httpIdleMs: 60_000,
  httpTotalMs: 6 * HOUR_MS,
  httpWaitMsMax: 120_000,
  httpRedirectsMax: 5,
  apiPageBytesMax: 64 * MIB,
  apiPagesMax: 100_000,
  tapIdleMs: 600_000,
  tapTotalMs: 12 * HOUR_MS,
  databaseLockMs: 30_000,
  databaseTotalMs: 12 * HOUR_MS,
  manifestsMergeMin: 50,
  manifestBytesTarget: 2 * MIB,
  snapshotsKeptMin: 20,
  snapshotsKeptMax: 100,
  snapshotAgeMs: 5 * DAY_MS,
  snapshotsExpireMin: 50,
  metadataFilesKept: 20,
  filesCompactMin: 32,
  dataFileBytesTarget: 64 * MIB,
  compactedByRunBytesMax: 4 * MIB,
  currentFileBytesTarget: 16 * MIB,
  storeAttemptsMax: 5,
  storeCopiesBytesMax: 4096 * MIB,
  orphanAgeMs: DAY_MS,
};
