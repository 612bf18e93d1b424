import { resolve } from 'node:path';
import type { Node } from 'yaml';
import { namedEntries, textOf } from './named-entries.ts';
import type { Refuse } from './refuse.ts';

/** `sources.<name>`: a module whose default export is a source of rows. It is code, so none stands in a manifest. */
export function sourceModulesFrom(
  node: Node | undefined,
  { root, refuse }: { root: string; refuse: Refuse },
): Readonly<Record<string, string>> {
  return namedEntries('sources', { node, refuse }, (at, value, name) =>
    textOf(value) === ''
      ? refuse(value, `${at}: expected the path of a module, such as ./sources/${name}.ts`)
      : resolve(root, textOf(value)),
  );
}
