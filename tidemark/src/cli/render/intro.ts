import type { Page } from './page.ts';
import { counted } from './quantities.ts';
import { wrap } from './wrap.ts';

/** What is about to be done, for somebody who has never seen it. */
export function introLines(
  { manifests, sources, home }: { manifests: number; sources: number; home: string },
  { width, paint }: Page,
): string[] {
  const what = `${counted(manifests, 'manifest')}, ${counted(sources, 'source')} into Iceberg tables below ${home}`;
  const how =
    'Each source is admitted by its contract, landed, refined, committed once and read back. Every record ends with one outcome, and the account has to close before anything becomes visible.';
  return [
    ...wrap(`Tidemark  ${what}`, { width, first: '', hanging: '  ' }).map(paint.strong),
    ...wrap(how, { width }).map(paint.dim),
    '',
  ];
}
