import { isMap, isSeq, type Node } from 'yaml';
import type { JsonValue } from '../model/json.ts';
import { namedEntries, textOf } from './named-entries.ts';
import type { Refuse } from './refuse.ts';

/** `singer.<name>` of `tidemark.yaml`: a tap that manifests may name. Commands are run, so none stands in a manifest. */
export interface TapSettings {
  /** Program and arguments, run in the project root without a shell. */
  readonly command: readonly string[];
  /** What the tap gets as its configuration, references not put in yet. */
  readonly config: Readonly<Record<string, JsonValue>>;
  /** A catalog file below the root; null: the tap is asked for one. */
  readonly catalog: string | null;
  /** Variables that it gets beside PATH, HOME and the locale, references not put in yet. */
  readonly env: Readonly<Record<string, string>>;
}

const FIELDS = 'command, config, catalog and env';

export function singerSettingsFrom(
  node: Node | undefined,
  refuse: Refuse,
): Readonly<Record<string, TapSettings>> {
  return namedEntries('singer', { node, refuse }, (at, value) => tapFrom(at, { node: value, refuse }));
}

function tapFrom(at: string, { node, refuse }: { node: Node; refuse: Refuse }): TapSettings {
  if (!isMap(node)) return refuse(node, `${at}: expected a mapping of ${FIELDS}`);
  let tap: TapSettings = { command: [], config: {}, catalog: null, env: {} };
  for (const pair of node.items) {
    const value = pair.value as Node;
    switch (textOf(pair.key)) {
      case 'command':
        tap = { ...tap, command: wordsFrom(at, { node: value, refuse }) };
        break;
      case 'config':
        if (!isMap(value)) return refuse(value, `${at}.config: expected a mapping`);
        tap = { ...tap, config: value.toJSON() as Record<string, JsonValue> };
        break;
      case 'catalog':
        if (textOf(value) === '') refuse(value, `${at}.catalog: expected a file below the project root`);
        tap = { ...tap, catalog: textOf(value) };
        break;
      case 'env':
        if (!isMap(value) || value.items.some((one) => textOf(one.value) === ''))
          return refuse(value, `${at}.env: expected a mapping of variables to text`);
        tap = { ...tap, env: value.toJSON() as Record<string, string> };
        break;
      default:
        refuse(pair.key as Node, `${at}: unknown field ${textOf(pair.key)}; known are ${FIELDS}`);
    }
  }
  return tap.command.length > 0 ? tap : refuse(node, `${at}: expected a command, such as [tap-github]`);
}

function wordsFrom(at: string, { node, refuse }: { node: Node; refuse: Refuse }): string[] {
  const words = isSeq(node) ? node.items.map(textOf) : [];
  if (words.length > 0 && words.every((word) => word !== '')) return words;
  return refuse(node, `${at}.command: expected a list of words, such as [tap-github]`);
}
