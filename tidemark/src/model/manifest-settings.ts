import type { DeclaredFormat } from './declared-format.ts';
import { parseDuration } from './duration.ts';
import { nearMiss } from './near-miss.ts';

/** What is expected of one manifest over time: declared by itself (v2), or under `manifest_settings` of `tidemark.yaml`. */
export interface ManifestSettings {
  /** How often new data is due, in ms; null: never, so that nothing is stale. */
  readonly cadenceMs: number | null;
  /** How late a record may come and still belong: the watermark stays this far behind what was seen. In ms. */
  readonly latenessMs: number;
  /** How far behind its cursor an incremental run reads again. */
  readonly lookback: Lookback;
  /** What becomes of a record that its cursor field gives no place in the order. */
  readonly nullCursor: NullCursor;
  /** Who gives the values of the cursor field of a database's table; null: nobody said, so nothing is relied on. */
  readonly cursorClock: CursorClock | null;
  /** Length of a partition in ms, counted from 1970-01-01T00:00:00Z; null where none is declared. */
  readonly partitionMs: number | null;
  /** What becomes of a business key that comes again: a further row and no more, or the newest is kept in a table beside. */
  readonly writeMode: WriteMode;
  /** Rejected records beyond which a batch is withheld; null: however many. */
  readonly rejectThreshold: RejectThreshold | null;
  /** How the records of a source are written, by its `source_id`. Of the project alone. */
  readonly formats: Readonly<Record<string, DeclaredFormat>>;
}

/**
 * A record without a value of its cursor field belongs to no interval, so no cursor ever says that it was read. `reject`: it
 * is a rejection; `quarantine`: it is kept apart, and counted as that; `include`: it comes in, and moves no cursor.
 */
export const NULL_CURSORS = ['reject', 'quarantine', 'include'] as const;
export type NullCursor = (typeof NULL_CURSORS)[number];

/**
 * `database`: the database, never earlier than its transaction begins. `transaction`: they are ids of transactions.
 * `application`: anybody, who may write any value at any time.
 */
export const CURSOR_CLOCKS = ['database', 'transaction', 'application'] as const;
export type CursorClock = (typeof CURSOR_CLOCKS)[number];

/**
 * `append`: every version is a row of Bronze. `current_by_key`: that too, and `current.<table>` holds the newest of each
 * business key.
 */
export const WRITE_MODES = ['append', 'current_by_key'] as const;
export type WriteMode = (typeof WRITE_MODES)[number];

/** A duration for cursors that are times, a number for those that are integers; both zero where none is declared. */
export type Lookback =
  | { readonly kind: 'duration'; readonly ms: number }
  | { readonly kind: 'steps'; readonly steps: bigint };

/** So many records of a batch, or such a share of what it reads, may be rejected. */
export type RejectThreshold =
  | { readonly kind: 'records'; readonly records: number }
  | { readonly kind: 'percent'; readonly percent: number };

const DEFAULTS: ManifestSettings = {
  cadenceMs: null,
  latenessMs: 0,
  lookback: { kind: 'duration', ms: 0 },
  nullCursor: 'reject',
  cursorClock: null,
  partitionMs: null,
  writeMode: 'append',
  rejectThreshold: null,
  formats: {},
};

/** The fields as they are written. */
export interface WrittenSettings {
  readonly cadence?: string;
  readonly lateness?: string;
  readonly lookback?: string | number;
  readonly null_cursor?: string;
  readonly cursor_clock?: string;
  readonly partitions?: string;
  readonly write_mode?: string;
  readonly reject_threshold?: string | number;
}

export type SettingName = keyof WrittenSettings;

/** A reading is the setting, or what was expected instead. */
type Reader = (text: string) => Partial<ManifestSettings> | string;

const READERS: Readonly<Record<SettingName, Reader>> = {
  cadence: (text) => put('cadenceMs', positive(text)),
  lateness: (text) => put('latenessMs', duration(text)),
  lookback: (text) => put('lookback', lookback(text)),
  null_cursor: (text) => oneOf('nullCursor', NULL_CURSORS, text),
  cursor_clock: (text) => oneOf('cursorClock', CURSOR_CLOCKS, text),
  partitions: (text) => put('partitionMs', partitions(text)),
  write_mode: (text) => oneOf('writeMode', WRITE_MODES, text),
  reject_threshold: (text) => put('rejectThreshold', threshold(text)),
};

export const SETTING_NAMES = Object.keys(READERS) as SettingName[];

/** One setting as it is written; a string says what was expected. */
export function readSetting(name: SettingName, text: string): Partial<ManifestSettings> | string {
  return READERS[name](text);
}

/**
 * What holds for a manifest: what the project says of it, else what it says itself (`written`, judged before), else the
 * defaults.
 */
export function settingsOf(
  configured: Readonly<Record<string, Partial<ManifestSettings>>>,
  { manifest_id: id, ...written }: { readonly manifest_id: string } & WrittenSettings,
): ManifestSettings {
  let own: Partial<ManifestSettings> = {};
  for (const name of SETTING_NAMES) {
    const value = written[name];
    const read = value === undefined ? {} : readSetting(name, String(value));
    if (typeof read !== 'string') own = { ...own, ...read };
  }
  return { ...DEFAULTS, ...own, ...(Object.hasOwn(configured, id) ? configured[id] : {}) };
}

function put<Name extends keyof ManifestSettings>(name: Name, value: ManifestSettings[Name] | string) {
  return typeof value === 'string' ? value : { [name]: value };
}

function duration(text: string): number | string {
  return parseDuration(text) ?? 'expected a duration such as 1d, 6h or PT6H';
}

function positive(text: string): number | string {
  const ms = duration(text);
  return ms === 0 ? 'expected more than no time at all' : ms;
}

function lookback(text: string): Lookback | string {
  if (/^\d+$/.test(text)) return { kind: 'steps', steps: BigInt(text) };
  const ms = parseDuration(text);
  if (ms !== null) return { kind: 'duration', ms };
  return 'expected a duration such as 2h, or a number for a whole-number cursor';
}

function oneOf<Name extends 'nullCursor' | 'cursorClock' | 'writeMode'>(
  name: Name,
  words: readonly (ManifestSettings[Name] & string)[],
  text: string,
): Partial<ManifestSettings> | string {
  const found = words.find((word) => word === text);
  if (found !== undefined) return { [name]: found };
  const meant = nearMiss(text, words);
  return meant === undefined
    ? `expected one of ${words.join(', ')}`
    : `unknown word ${text}; did you mean ${meant}?`;
}

const NAMED_PARTITIONS: Readonly<Record<string, string>> = { daily: '1d', hourly: '1h' };

/** `daily` and `hourly` as durations; a misspelled one is named. */
function partitions(text: string): number | string {
  const written = NAMED_PARTITIONS[text] ?? text;
  if (parseDuration(written) !== null) return positive(written);
  const meant = nearMiss(text, Object.keys(NAMED_PARTITIONS));
  if (meant !== undefined) return `unknown length ${text}; did you mean ${meant}?`;
  return 'expected daily, hourly or a duration such as 6h';
}

function threshold(text: string): RejectThreshold | string {
  if (/^\d{1,15}$/.test(text)) return { kind: 'records', records: Number(text) };
  const percent = Number(/^(\d{1,3}(?:\.\d+)?) ?%$/.exec(text)?.[1] ?? Number.NaN);
  if (percent <= 100) return { kind: 'percent', percent };
  return 'expected a share of the records such as 5%, or a number of them';
}
