import { byPosition, type TextRule } from './finding.ts';
import type { ExaminedManifest } from './read-manifest.ts';
import { showValue } from './show-value.ts';
import type { ManifestReading, Problem } from './source-manifest.ts';

/** A `manifest_id` names one declaration. Of several files with the same one, all but the first are refused. */
export function refuseRepeatedIds(examined: readonly ExaminedManifest[]): ManifestReading[] {
  const firstUse = new Map<string, ExaminedManifest>();
  return examined.map((later) => {
    if (later.manifestId === null) return later.reading;
    const first = firstUse.get(later.manifestId.text);
    if (first !== undefined) return refuseRepeated(later, first);
    firstUse.set(later.manifestId.text, later);
    return later.reading;
  });
}

function refuseRepeated(later: ExaminedManifest, first: ExaminedManifest): ManifestReading {
  const path = readingPath(later.reading);
  const { text, line, column } = later.manifestId!;
  const copy = later.contentHash === first.contentHash ? ', which is byte for byte the same file' : '';
  const problem: Problem = {
    file: path,
    pointer: '/manifest_id',
    line,
    column,
    rule: 'duplicate_manifest_id' satisfies TextRule,
    message: `${readingPath(first.reading)}:${first.manifestId!.line} declares this manifest_id already${copy}`,
    expected: 'every manifest_id in one file',
    found: showValue(text),
  };
  const problems = later.reading.kind === 'refused' ? later.reading.problems : [];
  return { kind: 'refused', path, problems: [...problems, problem].sort(byPosition) };
}

function readingPath(reading: ManifestReading): string {
  return reading.kind === 'declared' ? reading.declared.path : reading.path;
}
