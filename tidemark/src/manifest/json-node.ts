import { type JsonValue, pointerTo } from '../model/json.ts';

/** A JSON value that remembers where it stood. Offsets are UTF-16 offsets in the text. */
export type JsonNode = ScalarNode | ListNode | ObjectNode;

interface ScalarNode {
  readonly kind: 'scalar';
  readonly offset: number;
  readonly value: string | number | boolean | null;
}

export interface ListNode {
  readonly kind: 'list';
  readonly offset: number;
  readonly items: readonly JsonNode[];
}

export interface ObjectNode {
  readonly kind: 'object';
  readonly offset: number;
  /** Of a field given twice the last one counts, as in `JSON.parse`. */
  readonly fields: ReadonlyMap<string, FieldNode>;
}

export interface FieldNode {
  readonly nameOffset: number;
  /** Null where a syntax error left nothing to read: the field is there, its value is not. */
  readonly value: JsonNode | null;
}

/** The plain value. Fields without a readable value are left out; objects have no prototype, so `__proto__` is a name. */
export function plainValue(node: JsonNode): JsonValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  const plain: Record<string, JsonValue> = Object.create(null);
  for (const [name, field] of node.fields) {
    if (field.value !== null) plain[name] = plainValue(field.value);
  }
  return plain;
}

/** Where a pointer leads: the value's offset, and the name's where it is a field. Undefined where nothing stands. */
export function locate(root: JsonNode, pointer: string): { value: number; name: number } | undefined {
  let node: JsonNode | null = root;
  let name = root.offset;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (node?.kind === 'object') {
      const field: FieldNode | undefined = node.fields.get(key);
      if (field === undefined) return undefined;
      name = field.nameOffset;
      node = field.value;
    } else if (node?.kind === 'list') {
      const item: JsonNode | undefined = node.items[Number(key)];
      if (item === undefined) return undefined;
      name = item.offset;
      node = item;
    } else {
      return undefined;
    }
  }
  return { value: node?.offset ?? name, name };
}

/** Pointers of the fields whose value could not be read. */
export function* unreadablePointers(node: JsonNode, pointer = ''): Generator<string> {
  if (node.kind === 'list') {
    for (const [index, item] of node.items.entries())
      yield* unreadablePointers(item, pointerTo(pointer, index));
  } else if (node.kind === 'object') {
    for (const [name, { value }] of node.fields) {
      if (value === null) yield pointerTo(pointer, name);
      else yield* unreadablePointers(value, pointerTo(pointer, name));
    }
  }
}
