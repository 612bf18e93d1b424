import type { Page } from './page.ts';
import { wrapParts } from './wrap.ts';

export interface ManifestHeading {
  readonly manifestId: string;
  readonly batchId: string;
  readonly path: string;
  readonly loadMode: string;
  readonly window: string;
  /** What else there is to say in one or two words each. */
  readonly more: readonly string[];
}

/** Two lines or more: the manifest and its batch; where it stands and what it selects. */
export function manifestHeading(heading: ManifestHeading, { width, paint }: Page): string[] {
  const { manifestId, batchId, path, loadMode, window, more } = heading;
  const facts = [path, loadMode, window, ...more];
  return [
    ...wrapParts([manifestId, ` batch ${batchId}`], { width, first: '', hanging: ' ' }).map(paint.strong),
    ...wrapParts(
      facts.map((fact, at) => (at === facts.length - 1 ? fact : `${fact} ·`)),
      { width, first: '  ', hanging: '  ' },
    ).map(paint.dim),
  ];
}
