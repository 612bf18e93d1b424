import type { Contract } from '../contract/contract.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import type { Admission } from '../gate/admission.ts';
import type { ManifestAsset, SourceManifest } from '../manifest/source-manifest.ts';
import type { DeclaredFormat } from '../model/declared-format.ts';
import {
  type CursorClock,
  type ManifestSettings,
  type NullCursor,
  settingsOf,
} from '../model/manifest-settings.ts';
import { isRecordAsset } from '../refine/asset/asset-kind.ts';
import type { Decoding } from '../refine/formats/decoding.ts';
import { orderOfField } from '../refine/record-window.ts';
import type { RecordWindow } from '../refine/refined.ts';
import type { RowInterval } from '../source/row-source.ts';
import type { ListedObject } from '../source/s3/object-part.ts';
import { sorts } from '../source/sorts.ts';
import { splitPath } from '../source/split-path.ts';
import type { DeclaredFile } from './landed-source.ts';

/** An admitted declaration with everything that the declaration alone decides. Pure: nothing was opened. */
export interface DeclaredAsset {
  /** What the ledger of assets counts as one: the splits of a source share it. */
  readonly ledgerKey: string;
  readonly admission: Admission;
  /** Null when it could not be loaded; the gate has judged that already. */
  readonly contract: Contract | null;
  readonly file: DeclaredFile;
  readonly sidecars: readonly DeclaredFile[];
  /** Many records (JSONL), or one Bronze row for the whole asset. */
  readonly form: 'records' | 'row';
  readonly window: RecordWindow | null;
  /** The window as part of the unit's identity; `-` for none. */
  readonly windowKey: string;
  /** How its records are written, as the project's settings say, else the manifest; null where neither does. */
  readonly format: DeclaredFormat | null;
  /** How it was decoded before, where it is to be decoded so again; else null. */
  readonly decoding: Decoding | null;
}

export function declareAssets(options: {
  manifest: SourceManifest;
  admissions: readonly Admission[];
  contracts: ContractShelf;
  settings: Readonly<Record<string, Partial<ManifestSettings>>>;
}): DeclaredAsset[] {
  const { formats, nullCursor, cursorClock } = settingsOf(options.settings, options.manifest);
  return options.admissions.map((admission) => {
    const found = options.contracts.get(admission.contractRef);
    const contract = found.kind === 'contract' ? found.contract : null;
    const { asset } = admission;
    const format = Object.hasOwn(formats, asset.source_id)
      ? (formats[asset.source_id] ?? null)
      : formatOf(asset);
    const records =
      contract !== null &&
      isRecordAsset({ contractTable: contract.traits.table, assetType: asset.asset_type });
    const window = records ? recordWindow(options.manifest, nullCursor) : null;
    const declared: DeclaredAsset = {
      ledgerKey: asset.source_id,
      admission,
      contract,
      file: {
        sourceId: asset.source_id,
        role: 'asset',
        split: '',
        declaredPath: asset.source_url_or_path,
        sizeBytes: asset.size_bytes ?? null,
        checksumSha256: asset.checksum_sha256 ?? null,
        ...(format?.format !== undefined && { format: format.format }),
        holdsRecords: records,
        manifestId: options.manifest.manifest_id,
        cursorField: window?.field ?? null,
        cursorClock,
      },
      sidecars: declaredSidecars(asset),
      form: records ? 'records' : 'row',
      window,
      windowKey: windowKey(window),
      format,
      decoding: null,
    };
    return inWindow(declared, window);
  });
}

/** As the manifest says; `jsonl` says no more than that there are records, whatever name and bytes tell of them. */
function formatOf({ asset_type: type, format }: ManifestAsset): DeclaredFormat | null {
  if (type === 'json' || type === 'csv' || type === 'tsv' || type === 'parquet')
    return { format: type, ...format };
  return format ?? null;
}

/** Assets as the ledger counts them. */
export function countAssets(assets: readonly DeclaredAsset[]): number {
  return new Set(assets.map(({ ledgerKey }) => ledgerKey)).size;
}

/** One split of a source of many, as if it had been declared by itself. */
export function splitOf(
  declared: DeclaredAsset,
  { name: split, listed }: { name: string; listed?: ListedObject },
): DeclaredAsset {
  if (split === '') return declared;
  const declaredPath = splitPath(declared.file.declaredPath, split);
  const file = { ...declared.file, split, declaredPath, ...(listed !== undefined && { listed }) };
  return { ...declared, file };
}

/** The same, cut by another window; a source that sorts is asked for just that. */
export function inWindow(declared: DeclaredAsset, window: RecordWindow | null): DeclaredAsset {
  const { contract, file } = declared;
  const interval = sorts(file.declaredPath)
    ? intervalOf({ window, contract, clock: file.cursorClock ?? null })
    : null;
  return { ...declared, file: { ...file, interval }, window, windowKey: windowKey(window) };
}

function intervalOf({
  window,
  contract,
  clock,
}: {
  window: RecordWindow | null;
  contract: Contract | null;
  clock: CursorClock | null;
}): RowInterval | null {
  if (window === null || contract === null) return null;
  const order = orderOfField({ field: window.field, contract });
  const { field, startAt, endBefore } = window;
  return order === null ? null : { field, order, startAt, endBefore, clock };
}

export function windowKey(window: RecordWindow | null): string {
  if (window === null) return '-';
  const { field, startAt, endBefore, nullCursor } = window;
  // Another policy is another declaration: a plain run takes in what it lets in.
  const policy = nullCursor === undefined ? '' : ` null_cursor=${nullCursor}`;
  return `${field}[${startAt ?? ''},${endBefore ?? ''})${policy}`;
}

/**
 * Files are read whole, so their window is the declared interval: a record behind the moving cursor that a grown file
 * brings late is still taken in, and deduplication, not the cursor, keeps it from entering twice.
 */
function recordWindow(manifest: SourceManifest, nullCursor: NullCursor): RecordWindow | null {
  const window = manifest.selection_window;
  if (manifest.load_mode !== 'incremental_cursor' || !window?.cursor_field) return null;
  return {
    field: window.cursor_field,
    startAt: window.cursor_start ?? null,
    endBefore: window.cursor_end ?? null,
    ...(nullCursor !== 'reject' && { nullCursor }),
  };
}

const SIDECARS = [
  ['transcript', 'transcript_object_path'],
  ['ocr_text', 'ocr_text_path'],
  ['keyframe_ocr', 'keyframe_ocr_path'],
  ['audio_track', 'audio_track_path'],
] as const;

function declaredSidecars(asset: ManifestAsset): DeclaredFile[] {
  return SIDECARS.flatMap(([role, field]) => {
    const declaredPath = asset[field];
    if (declaredPath === null || declaredPath === undefined) return [];
    return [
      { sourceId: asset.source_id, role, split: '', declaredPath, sizeBytes: null, checksumSha256: null },
    ];
  });
}
