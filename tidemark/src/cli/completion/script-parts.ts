import type { CompletedCommand, Value } from './completion-tree.ts';

/** Every option that takes a value: the word after it is no command. */
export function optionsTakingValues(tree: readonly CompletedCommand[]): string[] {
  return valueGroups(tree).flatMap(({ names }) => names);
}

/** Options by what follows them. An option means the same wherever it stands. */
export function valueGroups(tree: readonly CompletedCommand[]): { names: readonly string[]; value: Value }[] {
  const groups = new Map<string, { names: Set<string>; value: Value }>();
  for (const { names, value } of tree.flatMap(({ options }) => options)) {
    if (value === null) continue;
    const key = JSON.stringify(value);
    const group = groups.get(key) ?? { names: new Set<string>(), value };
    for (const name of names) group.names.add(name);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ names, value }) => ({ names: [...names], value }));
}

/** Cases of bash and zsh that lead from where the command line stands, and one word, to where it stands then. */
export function commandCases(tree: readonly CompletedCommand[], indent: string): string {
  return tree
    .filter(({ path }) => path !== '')
    .map(({ path, names }) => {
      const parent = path.slice(0, path.lastIndexOf('/'));
      return `${indent}${names.map((name) => `${parent}/${name}`).join('|')}) verb='${path}' ;;`;
    })
    .join('\n');
}

/** A word of a shell script, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
