import { isMap, isScalar, type Node } from 'yaml';
import type { Refuse } from './refuse.ts';

const NAME = /^[a-z0-9][a-z0-9_-]*$/i;

/** A mapping of names that manifests give, each with what is read of its value. */
export function namedEntries<T>(
  at: string,
  { node, refuse }: { node: Node | undefined; refuse: Refuse },
  read: (at: string, value: Node, name: string) => T,
): Readonly<Record<string, T>> {
  if (node === undefined) return {};
  if (!isMap(node)) return refuse(node, `${at}: expected a mapping of names`);
  return Object.fromEntries(
    node.items.map(({ key, value }) => {
      const name = textOf(key);
      if (!NAME.test(name)) refuse(key as Node, `${at}: expected a name of letters, digits, - and _`);
      return [name, read(`${at}.${name}`, value as Node, name)];
    }),
  );
}

/** Empty for what is no text. */
export function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === 'string' ? node.value : '';
}
