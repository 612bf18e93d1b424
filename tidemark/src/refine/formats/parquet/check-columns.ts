import type { ParquetPolicy } from './policy.ts';

/** A node of the schema in a file's footer, in the order of the file, as DuckDB tells it. */
export interface SchemaNode {
  readonly name: string;
  /** How its values are stored; null for a group. */
  readonly type: string | null;
  /** What they mean, as newer files say it. */
  readonly logical: string | null;
  readonly precision: number | null;
  /** What DuckDB makes of it. */
  readonly read: string | null;
  readonly children: number;
}

const READ =
  /^(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR|BLOB|DATE|TIME|TIME_NS|TIME WITH TIME ZONE|TIMESTAMP|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE|UUID|JSON|"NULL")$/;
const DECIMAL_DIGITS_MAX = 38;

/**
 * Why a column would not come in as it is: what DuckDB cannot hold it makes something else of, without a word. Null where
 * all are as they are, or as the policy says. Pure.
 */
export function columnFault(schema: readonly SchemaNode[], policy: ParquetPolicy): string | null {
  const rest = [...schema];
  const root = rest.shift();
  return root === undefined ? 'it has no columns' : groupFault(root, { rest, path: [], policy });
}

/** Takes what the group contains off the front of `rest`. */
function groupFault(
  group: SchemaNode,
  { rest, path, policy }: { rest: SchemaNode[]; path: readonly string[]; policy: ParquetPolicy },
): string | null {
  const names = new Set<string>();
  for (let child = 0; child < group.children; child += 1) {
    const node = rest.shift();
    if (node === undefined) return 'its columns are fewer than it says';
    const at = [...path, node.name];
    const why =
      nameFault(node.name, names) ??
      (node.children > 0 || node.type === null ? null : leafFault(node, policy));
    if (why !== null) return `${at.join('.')}: ${why}`;
    const within = node.children > 0 ? groupFault(node, { rest, path: at, policy }) : null;
    if (within !== null) return within;
  }
  return null;
}

/** Names that DuckDB gives another, or that no object of JavaScript holds as one of its own. */
function nameFault(name: string, others: Set<string>): string | null {
  if (name === '') return 'a column without a name';
  if (name === '__proto__') return 'a name that is not read';
  const known = name.toLowerCase();
  if (others.has(known)) return 'it has the name of another, letter case apart';
  others.add(known);
  return null;
}

function leafFault(node: SchemaNode, { binary, nanoseconds }: ParquetPolicy): string | null {
  const { type, logical, precision, read } = node;
  const isDecimal = logical?.startsWith('Decimal') === true || precision !== null;
  if (isDecimal && (precision ?? DECIMAL_DIGITS_MAX + 1) > DECIMAL_DIGITS_MAX && !/^DECIMAL/.test(read ?? ''))
    return `decimals of more than ${DECIMAL_DIGITS_MAX} digits are not read exactly`;
  const cut =
    type === 'INT96' || (/isAdjustedToUTC=1/.test(logical ?? '') && /NanoSeconds/.test(logical ?? ''));
  if (cut && nanoseconds !== 'truncate')
    return 'its nanoseconds would be cut to microseconds; write microseconds, or declare nanoseconds: truncate';
  if (read === 'BLOB' && binary !== 'base64')
    return 'it holds bytes, which no JSON can; declare binary: base64 to have them as text';
  return READ.test(read ?? '') ? null : `values of type ${read ?? type} are not read`;
}
