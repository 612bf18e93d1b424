import { createHash } from 'node:crypto';
import type { JsonValue } from '../model/json.ts';
import { asDeclared } from './as-declared.ts';
import { decodeDeclaration } from './decode-declaration.ts';
import { byPosition, type Finding, PROBLEMS_MAX } from './finding.ts';
import { locate, plainValue, unreadablePointers } from './json-node.ts';
import { parseDeclaration } from './parse-declaration.ts';
import { ruleFindings } from './rule-findings.ts';
import { schemaFindings } from './schema-findings.ts';
import { SoundParts } from './sound-parts.ts';
import type { ManifestReading, Problem } from './source-manifest.ts';
import { type TextPosition, textPositions } from './text-position.ts';

export interface ManifestFile {
  /** As it is to be named in problems. */
  readonly path: string;
  /** The file's exact bytes. */
  readonly bytes: Uint8Array;
}

/** A reading with what a comparison of several manifests needs, which is known of many refused ones too. */
export interface ExaminedManifest {
  readonly reading: ManifestReading;
  /** SHA-256 of the exact bytes, 64 lower hex. */
  readonly contentHash: string;
  /** Null where no readable one is declared. */
  readonly manifestId: ({ readonly text: string } & TextPosition) | null;
}

/** Reads one manifest. All problems are reported at once, in the order of the file; nothing in the bytes makes it throw. */
export function readManifest(file: ManifestFile): ManifestReading {
  return examineManifest(file).reading;
}

export function examineManifest({ path, bytes }: ManifestFile): ExaminedManifest {
  const contentHash = createHash('sha256').update(bytes).digest('hex');
  const { text, findings: textFindings, legible } = decodeDeclaration(bytes);
  const { root, findings: syntaxFindings } = legible
    ? parseDeclaration({ path, text })
    : { root: null, findings: [] };
  let findings: readonly Finding[] = [...textFindings, ...syntaxFindings];
  let value: JsonValue = null;
  let id: string | undefined;
  if (root !== null) {
    value = plainValue(root);
    const form = schemaFindings({ root, value });
    const unsound = new Set([...form.unsound, ...unreadablePointers(root)]);
    const parts = new SoundParts({ value, unsound });
    findings = [...findings, ...form.findings, ...ruleFindings(parts)];
    id = parts.text(parts.root, 'manifest_id');
  }
  const positionAt = textPositions(text);
  const placeOf = (pointer: string) =>
    positionAt(root === null ? 0 : (locate(root, pointer)?.value ?? root.offset));
  const manifestId = id === undefined ? null : { text: id, ...placeOf('/manifest_id') };
  if (findings.length === 0) {
    // The schema has just judged every field, which is what makes this the declared type. A root without a finding is
    // there: an empty file is one.
    const manifest = asDeclared(value);
    return {
      reading: { kind: 'declared', declared: { path, contentHash, manifest } },
      contentHash,
      manifestId,
    };
  }
  const problems = findings.slice(0, PROBLEMS_MAX).map(({ offset, ...finding }): Problem => {
    const position = offset === undefined ? placeOf(finding.pointer) : positionAt(offset);
    return { file: path, ...position, ...finding };
  });
  problems.sort(byPosition);
  if (findings.length > PROBLEMS_MAX) problems.push(moreProblems(problems.at(-1)!));
  return { reading: { kind: 'refused', path, problems }, contentHash, manifestId };
}

function moreProblems({ file, line, column }: Problem): Problem {
  return {
    file,
    pointer: '',
    line,
    column,
    rule: 'more_problems' satisfies Finding['rule'],
    message: 'there are more problems than are told at once',
    expected: `at most ${PROBLEMS_MAX} problems`,
    found: 'more of them',
  };
}
