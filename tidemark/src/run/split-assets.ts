import { committedSplits } from '../catalog/units.ts';
import type { SourceManifest } from '../manifest/source-manifest.ts';
import { isGlobLocation } from '../source/glob/glob-location.ts';
import { isObjectLocation } from '../source/s3/object-location.ts';
import { type DeclaredAsset, splitOf } from './declared-asset.ts';
import type { Engine } from './engine.ts';
import { fromCursor } from './from-cursor.ts';
import type { DeclaredFile } from './landed-source.ts';
import type { RunContext } from './run-context.ts';
import { surveyDeclared } from './survey-declared.ts';

/** What a declared asset consists of now: itself, or the splits of a source of many. */
export interface Parts {
  readonly parts: readonly DeclaredAsset[];
  /** What there is to say of the whole; null for nothing. */
  readonly note: string | null;
}

/**
 * Finds the splits of every asset before any is taken. Each goes as far as it goes for itself, so one that fails leaves
 * the others prepared; the ledger of assets counts them as one. A recovery says for itself which splits it works on.
 */
export async function splitAssets(run: RunContext): Promise<void> {
  if (run.purpose.verb !== 'run') return;
  const all: DeclaredAsset[] = [];
  for (const declared of run.assets) {
    const found = await partsOf(run.engine, { manifest: run.manifest, declared });
    if (found.note !== null) run.notes.set(declared.ledgerKey, found.note);
    if (found.parts.length === 0) run.emptied.add(declared);
    all.push(...(found.parts.length === 0 ? [declared] : found.parts));
  }
  run.parts.splice(0, run.parts.length, ...all);
}

/**
 * Looks at the source without reading it. A split that came in earlier and is there no more is told of, and what it
 * brought stays. A source that is not to be had is one part: taking that says why.
 */
export async function partsOf(
  engine: Engine,
  {
    manifest,
    declared,
    isFixed = false,
  }: {
    manifest: SourceManifest;
    declared: DeclaredAsset;
    /** Whether its interval is what it is, wherever the cursor stands. Default: false. */
    isFixed?: boolean;
  },
): Promise<Parts> {
  const { sourceId, split } = declared.file;
  if (declared.form !== 'records' || split !== '') return { parts: [declared], note: null };
  const from = isFixed ? { declared, note: null } : await fromCursor(engine, { manifest, declared });
  const itself = { parts: [from.declared], note: from.note };
  if (from.declared.file.unreachable !== undefined) return itself;
  const survey = await surveyDeclared(engine, declared.file);
  // A listing that failed is told of as that: by the next one it may be another.
  if (survey.kind === 'unreachable' && isObjectLocation(declared.file.declaredPath))
    return { ...itself, parts: [{ ...from.declared, file: { ...from.declared.file, unreachable: survey } }] };
  if (survey.kind !== 'many') return itself;
  const known = await committedSplits(engine.catalog, {
    manifestId: manifest.manifest_id,
    sourceId,
  });
  if (survey.splits.length === 0 && known.length === 0) return itself;
  const there = new Set(survey.splits.map(({ name }) => name));
  return {
    parts: survey.splits.map((split) => splitOf(from.declared, split)),
    note: noteOf({
      wanted: wantedOf(declared.file),
      from: from.note,
      gone: known.filter((name) => !there.has(name)),
      ...survey,
    }),
  };
}

function wantedOf({ declaredPath, format = 'jsonl' }: DeclaredFile): string {
  if (isGlobLocation(declaredPath)) return 'files';
  return isObjectLocation(declaredPath) ? `finished *.${format} objects` : `*.${format} files`;
}

const NAMED_MAX = 3;

function noteOf({
  wanted,
  from,
  gone,
  passedOver,
  unsafe = { count: 0, first: [] },
}: {
  wanted: string;
  from: string | null;
  gone: readonly string[];
  passedOver: number;
  unsafe?: { readonly count: number; readonly first: readonly string[] };
}): string | null {
  const more = gone.length > NAMED_MAX ? ` and ${gone.length - NAMED_MAX} more` : '';
  const parts = [
    ...(from === null ? [] : [from]),
    ...(gone.length === 0
      ? []
      : [`no longer there: ${gone.slice(0, NAMED_MAX).join(', ')}${more}; what they brought stays`]),
    ...(unsafe.count === 0
      ? []
      : [
          `not asked for, since a part of the key is . or .., or no text: ${unsafe.first.join(', ')}${unsafe.count > unsafe.first.length ? ` and ${unsafe.count - unsafe.first.length} more` : ''}`,
        ]),
    ...(passedOver === 0
      ? []
      : [`${passedOver} ${passedOver === 1 ? 'entry' : 'entries'} that are no ${wanted} passed over`]),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}
