import type { Verification } from './verification.ts';

const FILES_AT_ONCE = 500;

/** Paths of a table's live files, some at a time: a statement names no more. */
export function* livePages({ ledger }: Pick<Verification, 'ledger'>, table: string): Generator<string[]> {
  let paths: string[] = [];
  for (const { path } of ledger.rows('SELECT path FROM files WHERE table_name = ? AND listed > 0', table)) {
    paths.push(String(path));
    if (paths.length < FILES_AT_ONCE) continue;
    yield paths;
    paths = [];
  }
  if (paths.length > 0) yield paths;
}
