import type { Described } from '../relation/dialect.ts';
import { sortForms } from '../relation/json-form.ts';
import { fromClause, nameOfRelation, type Relation } from '../relation/relation.ts';
import { unreadableRelation } from '../relation/relation-failure.ts';
import { columnForm, fieldType, type MysqlForm } from './column-form.ts';
import type { Session } from './session.ts';

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** In hexadecimal: no mode of the server reads anything else into it. */
export function textLiteral(text: string): string {
  return `CONVERT(x'${Buffer.from(text).toString('hex')}' USING utf8mb4)`;
}

/** @throws RelationFailure */
export async function describeRelation(session: Session, relation: Relation): Promise<Described<MysqlForm>> {
  const from = fromClause(relation, quoted);
  // Two columns of one name are refused by the server.
  const fields = await session.fields(`SELECT * FROM ${from} LIMIT 0`);
  if (relation.kind === 'table') await refuseWithoutSnapshots(session, { ...relation, from });
  const forms = sortForms(
    fields.map((field) => columnForm(field.name, { field: fieldType(field), quoted: quoted(field.name) })),
  );
  return { from, forms, tie: await tieOf(session, { relation, from, forms }) };
}

type Table = Extract<Relation, { kind: 'table' }>;

function whichTable({ namespace, table }: Table): string {
  const schema = namespace === null ? 'DATABASE()' : textLiteral(namespace);
  return `TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${textLiteral(table)}`;
}

/** An engine without transactions shows what is written while it is read: no end of it would be safe, nor any count. */
async function refuseWithoutSnapshots(
  { rows }: Session,
  relation: Table & { readonly from: string },
): Promise<void> {
  const [[engine] = []] = await rows(
    `SELECT ENGINE FROM information_schema.TABLES
     WHERE ${whichTable(relation)} AND TABLE_TYPE <> 'VIEW'
       AND ENGINE NOT IN (SELECT ENGINE FROM information_schema.ENGINES WHERE TRANSACTIONS = 'YES')`,
  );
  if (engine != null)
    throw unreadableRelation(
      `${nameOfRelation(relation, relation.from)} is kept by ${engine}, which has no snapshots to read`,
      `Move it: ALTER TABLE ${relation.from} ENGINE = InnoDB; then run the same command again.`,
    );
}

/**
 * Of a table its primary key; of one without, a view or a query every column by its digest, as the server sorts by the first
 * kilobyte of a long value alone. Equal rows are alike.
 */
async function tieOf(
  { rows }: Session,
  { relation, from, forms }: { relation: Relation; from: string; forms: readonly MysqlForm[] },
): Promise<string> {
  const keys =
    relation.kind === 'query' ? [] : await rows(`SHOW KEYS FROM ${from} WHERE Key_name = 'PRIMARY'`);
  if (keys.length > 0)
    return keys
      .toSorted((a, b) => Number(a[3]) - Number(b[3]))
      .map((key) => quoted(String(key[4])))
      .join(', ');
  return forms.map(({ expression }) => `SHA2(${expression}, 256)`).join(', ');
}
