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
  const names = new Set<string>();
  for (const name of topLevelNames(schema)) {
    const known = name.toLowerCase();
    if (names.has(known)) return `column ${name} has the name of another, letter case apart`;
    names.add(known);
  }
  for (const node of schema) {
    const why = node.children > 0 || node.type === null ? null : leafFault(node, policy);
    if (why !== null) return `${node.name}: ${why}`;
  }
  return null;
}

/** The root's children; what they contain is passed over. */
export function topLevelNames([root, ...nodes]: readonly SchemaNode[]): string[] {
  const names: string[] = [];
  let at = 0;
  const passOver = () => {
    const children = nodes[at]?.children ?? 0;
    at += 1;
    for (let child = 0; child < children; child += 1) passOver();
  };
  for (let column = 0; column < (root?.children ?? 0); column += 1) {
    names.push(nodes[at]?.name ?? '');
    passOver();
  }
  return names;
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
