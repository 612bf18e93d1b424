import { isMap, isScalar, isSeq, type Node } from 'yaml';
import {
  type DeclaredFormat,
  FORMAT_FIELDS,
  type FormatField,
  formatFault,
} from '../model/declared-format.ts';
import { nearMiss } from '../model/near-miss.ts';
import type { Refuse } from './refuse.ts';

interface At {
  readonly at: string;
  readonly node: Node;
}

const NAMES = Object.keys(FORMAT_FIELDS) as FormatField[];

/** `formats` of a manifest's settings: how the records of its sources are written, by `source_id`. */
export function formatsFrom({ at, node }: At, refuse: Refuse): Readonly<Record<string, DeclaredFormat>> {
  if (!isMap(node)) return refuse(node, `${at}: expected a mapping of source ids`);
  return Object.fromEntries(
    node.items.map(({ key, value }) => {
      const sourceId = String(isScalar(key) ? key.value : key);
      return [sourceId, formatFrom({ at: `${at}.${sourceId}`, node: value as Node }, refuse)];
    }),
  );
}

function formatFrom({ at, node }: At, refuse: Refuse): DeclaredFormat {
  if (!isMap(node)) return refuse(node, `${at}: expected a mapping of ${NAMES.join(', ')}`);
  const format: Record<string, unknown> = {};
  for (const { key, value } of node.items) {
    const written = String(isScalar(key) ? key.value : key);
    const name = NAMES.find((known) => known === written);
    if (name === undefined) {
      const meant = nearMiss(written, NAMES);
      const hint = meant === undefined ? `known: ${NAMES.join(', ')}` : `did you mean ${meant}?`;
      return refuse(key as Node, `${at}: unknown field ${written}; ${hint}`);
    }
    // As it is written: NULL is no text to YAML.
    const found = name === 'null' && isScalar(value) ? textOf(value) : plain(value);
    const { expected, is } = FORMAT_FIELDS[name];
    if (!is(found)) refuse(value as Node, `${at}.${name}: expected ${expected}`);
    format[name] = found;
  }
  const fault = formatFault(format);
  return fault === null ? format : refuse(node, `${at}: ${fault}`);
}

function plain(node: unknown): unknown {
  if (isScalar(node)) return node.value;
  return isSeq(node) ? node.items.map((item) => plain(item)) : undefined;
}

function textOf({ value, source }: { value: unknown; source?: string }): string {
  return typeof value === 'string' ? value : (source ?? '');
}
