import { findCursor, type StoredCursor } from '../catalog/progress.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { nextCommand } from '../evidence/next-command.ts';
import type { SourceManifest } from '../manifest/source-manifest.ts';
import { settingsOf } from '../model/manifest-settings.ts';
import { compareProgress } from '../progress/advance.ts';
import { lookedBack } from '../progress/lookback.ts';
import type { RecordWindow } from '../refine/refined.ts';
import { sorts } from '../source/sorts.ts';
import type { Unreachable } from '../source/unreachable.ts';
import { type DeclaredAsset, inWindow } from './declared-asset.ts';
import type { Engine } from './engine.ts';

/** An asset as its stored cursor has it read: from where on, and what there is to say of that. */
export interface FromCursor {
  readonly declared: DeclaredAsset;
  readonly cursor: StoredCursor | null;
  readonly note: string | null;
}

/**
 * Where an incremental run begins to read. The stored cursor beats the declared `cursor_start`; without one the whole
 * declared interval is read. A file is read whole all the same, so its window stays the declared one. A cursor that was
 * reached at another place says nothing of this one, and is refused.
 */
export async function fromCursor(
  engine: Engine,
  { manifest, declared }: { manifest: SourceManifest; declared: DeclaredAsset },
): Promise<FromCursor> {
  const { window, contract } = declared;
  if (window === null || contract === null) return { declared, cursor: null, note: null };
  const { table } = contract.traits;
  const { sourceId } = declared.file;
  const cursor = await findCursor(engine.catalog, { table, sourceId, field: window.field });
  if (cursor === null) {
    const note = `first incremental run: a full read from ${window.startAt ?? 'the beginning'}`;
    return { declared, cursor, note };
  }
  const location = declared.admission.asset.source_url_or_path;
  if (cursor.location !== location) {
    const unreachable = moved({ table, field: window.field, cursor, sourceId, location });
    return { declared: { ...declared, file: { ...declared.file, unreachable } }, cursor, note: null };
  }
  if (!sorts(declared.file.declaredPath)) return { declared, cursor, note: null };
  const { lookback } = settingsOf(engine.manifestSettings, manifest);
  const back = lookedBack(cursor.value, lookback);
  const startAt = startOf({ window, cursor: cursor.value, back: back ?? cursor.value });
  const told = [
    `reads ${window.field} from ${startAt}`,
    startAt === cursor.value ? 'its cursor' : `${cursor.value} less the lookback`,
    ...(back === null ? ['the declared lookback is none for such a cursor and was not applied'] : []),
  ];
  return { declared: inWindow(declared, { ...window, startAt }), cursor, note: told.join(', ') };
}

/** The lookback does not go behind what the manifest wants, unless the cursor itself is there. */
function startOf({ window, cursor, back }: { window: RecordWindow; cursor: string; back: string }): string {
  const { startAt } = window;
  if (startAt === null || compareProgress(cursor, startAt) < 0) return back;
  return compareProgress(back, startAt) < 0 ? startAt : back;
}

function moved({
  table,
  field,
  cursor,
  sourceId,
  location,
}: {
  table: string;
  field: string;
  cursor: StoredCursor;
  sourceId: string;
  location: string;
}): Unreachable {
  const source = ['--table', table, '--source', sourceId, '--field', field];
  const rebind = nextCommand('state', 'set', ...source, '--cursor', cursor.value, '--location', location);
  return {
    kind: 'unreachable',
    cause: 'moved',
    code: ERROR_CODES.source_moved,
    message: `The cursor of ${sourceId} stands at ${field} ${cursor.value} of ${cursor.location}; the manifest names ${location}.`,
    next: `If it is the same data: ${rebind} --reason "…". If it is not, give it a source_id of its own.`,
  };
}
