import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument } from 'yaml';
import { pointerTo } from '../model/json.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { type Finding, PROBLEMS_MAX } from './finding.ts';
import type { FieldNode, JsonNode } from './json-node.ts';
import type { ParsedJson } from './parse-json-tree.ts';
import { showValue } from './show-value.ts';
import { duplicateField, loneSurrogate, type NamedPlace, tooDeep } from './syntax-finding.ts';

/** Syntax errors after which the rest is consequences. */
const SYNTAX_FINDINGS_MAX = 100;

/**
 * Reads the YAML that says the same as JSON: core schema of YAML 1.2, one document, no aliases (ten lines of them can
 * stand for a billion values) and no tags. What is read is the same tree as from JSON, so that the same rules judge it.
 * Never throws for what is in the text.
 */
export function parseYamlTree(text: string): ParsedJson {
  let document: Document;
  try {
    document = parseDocument(text, { uniqueKeys: false, schema: 'core', version: '1.2', merge: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { root: null, findings: [tooDeep({ pointer: '', offset: 0 })] };
  }
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const findings = faults.slice(0, SYNTAX_FINDINGS_MAX).map(({ message, pos }) => ({
      ...syntax(message.split(/ at line \d+/)[0] ?? 'this is not YAML', { pointer: '', offset: pos[0] }),
      found: showValue(text.slice(pos[0], Math.max(pos[1], pos[0] + 1)).slice(0, 80)),
    }));
    return { root: null, findings };
  }
  const reader = new YamlReader();
  const { contents } = document;
  const isEmpty = contents === null || (isScalar(contents) && contents.value === null);
  if (isEmpty) return { root: null, findings: [syntax('the file is empty', { pointer: '', offset: 0 })] };
  const root = reader.read(contents as Node, '', 0);
  return { root, findings: reader.findings };
}

function syntax(message: string, at: NamedPlace): Finding {
  return {
    rule: 'yaml_syntax',
    ...at,
    message,
    expected: 'YAML that says what JSON can say',
    found: 'nothing',
  };
}

class YamlReader {
  readonly findings: Finding[] = [];

  /** Null where nothing can be read; that is told. */
  read(node: Node, pointer: string, offset: number, depth = 1): JsonNode | null {
    const at = { pointer, offset: node.range?.[0] ?? offset };
    if (depth > DEFAULT_LIMITS.recordDepthMax) return this.#tell(tooDeep(at));
    if (isAlias(node)) {
      const found = showValue(`*${node.source}`);
      return this.#tell({
        ...syntax('an alias stands where its value belongs', at),
        rule: 'yaml_alias',
        found,
      });
    }
    if (isSeq(node)) {
      const items = node.items.map((item, index) => {
        const read = this.read(item as Node, pointerTo(pointer, index), at.offset, depth + 1);
        return read ?? { kind: 'scalar' as const, offset: at.offset, value: null };
      });
      return { kind: 'list', offset: at.offset, items };
    }
    if (isMap(node))
      return { kind: 'object', offset: at.offset, fields: this.#fields(node.items, at, depth) };
    return this.#scalar(isScalar(node) ? node.value : undefined, at);
  }

  #fields(pairs: readonly Pair[], { pointer, offset }: NamedPlace, depth: number): Map<string, FieldNode> {
    const fields = new Map<string, FieldNode>();
    for (const { key, value } of pairs) {
      const nameOffset = (isScalar(key) ? key.range?.[0] : null) ?? offset;
      if (!isScalar(key) || key.value === null || typeof key.value === 'object') {
        this.#tell(syntax('a field name is no text', { pointer, offset: nameOffset }));
        continue;
      }
      const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
      const at = { pointer: pointerTo(pointer, name), offset: nameOffset };
      if (fields.has(name)) this.#tell(duplicateField(name, at));
      if (!name.isWellFormed()) this.#tell(loneSurrogate(name, at));
      const read = this.read(value as Node, at.pointer, nameOffset, depth + 1);
      fields.set(name, { nameOffset, value: read });
    }
    return fields;
  }

  #scalar(value: unknown, at: NamedPlace): JsonNode | null {
    const isNumber = typeof value === 'number';
    if (isNumber && !Number.isFinite(value))
      return this.#tell({ ...syntax('this is no number of JSON', at), found: String(value) });
    if (typeof value === 'string' && !value.isWellFormed()) this.#tell(loneSurrogate(value, at));
    if (value === null || isNumber || typeof value === 'string' || typeof value === 'boolean')
      return { kind: 'scalar', offset: at.offset, value };
    return this.#tell(syntax('this is no value of JSON', at));
  }

  #tell(finding: Finding): null {
    if (this.findings.length < PROBLEMS_MAX) this.findings.push(finding);
    return null;
  }
}
