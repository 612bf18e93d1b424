import pg from 'pg';
import type { Described } from '../relation/dialect.ts';
import { sortForms } from '../relation/json-form.ts';
import { fromClause, nameOfRelation, type Relation } from '../relation/relation.ts';
import { unreadableRelation } from '../relation/relation-failure.ts';
import { type ColumnType, columnForm } from './column-form.ts';
import { failureOf } from './failure-of.ts';
import type { Session } from './session.ts';

export const quoted = pg.escapeIdentifier;

/** @throws RelationFailure */
export async function describeRelation(session: Session, relation: Relation): Promise<Described> {
  const from = fromClause(relation, quoted);
  const fields = await fieldsOf(session, from);
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw unreadableRelation(
      `${nameOfRelation(relation, from)} has two columns ${twice}`,
      'Give each column of the query a name of its own, then run the same command again.',
    );
  const types = await typesOf(
    session,
    fields.map(({ type }) => type),
  );
  const forms = sortForms(
    fields.map(({ name, type }) => columnForm(name, types.get(type) ?? OTHER, quoted(name))),
  );
  return { from, forms, tie: await tieOf(session, { relation, from, names }) };
}

const OTHER: ColumnType = { oid: 0, typname: 'unknown', typtype: 'b', typcategory: 'X' };

async function fieldsOf({ client, place }: Session, from: string): Promise<{ name: string; type: number }[]> {
  try {
    // Domains are told as the types that they are of.
    const { fields } = await client.query({ text: `SELECT * FROM ${from} LIMIT 0`, rowMode: 'array' });
    return fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
  } catch (error) {
    throw failureOf(error, { place });
  }
}

async function typesOf({ rows }: Session, oids: readonly number[]): Promise<Map<number, ColumnType>> {
  const found = await rows(
    'SELECT oid, typname, typtype, typcategory FROM pg_catalog.pg_type WHERE oid = ANY($1::oid[])',
    [[...new Set(oids)]],
  );
  return new Map(
    found.map(([oid, typname, typtype, typcategory]) => [
      Number(oid),
      {
        oid: Number(oid),
        typname: String(typname),
        typtype: String(typtype),
        typcategory: String(typcategory),
      },
    ]),
  );
}

/**
 * Of a table its primary key, else the place of the row, which stays while nobody changes it; of a view or a query every
 * column, where equal rows are alike.
 */
async function tieOf(
  { rows }: Session,
  { relation, from, names }: { relation: Relation; from: string; names: readonly string[] },
): Promise<string> {
  const every = names.map((name) => `${quoted(name)}::text COLLATE "C"`).join(', ') || '1';
  if (relation.kind === 'query') return every;
  const keys = await rows(
    `SELECT column_of.attname FROM pg_catalog.pg_index AS of_table
     CROSS JOIN LATERAL unnest(of_table.indkey) WITH ORDINALITY AS key (number, place)
     JOIN pg_catalog.pg_attribute AS column_of
       ON column_of.attrelid = of_table.indrelid AND column_of.attnum = key.number
     WHERE of_table.indrelid = $1::regclass AND of_table.indisprimary ORDER BY key.place`,
    [from],
  );
  if (keys.length > 0) return keys.map(([name]) => quoted(String(name))).join(', ');
  const [[kind] = []] = await rows('SELECT relkind FROM pg_catalog.pg_class WHERE oid = $1::regclass', [
    from,
  ]);
  return kind === 'r' || kind === 'p' || kind === 'm' ? 'tableoid, ctid' : every;
}
