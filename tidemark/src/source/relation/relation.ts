/** What is read: a table or a view by its name, or the text of a query, which is the project's own. */
export type Relation =
  | { readonly kind: 'table'; readonly namespace: string | null; readonly table: string }
  | { readonly kind: 'query'; readonly name: string; readonly text: string };

/** As it stands behind FROM. */
export function fromClause(relation: Relation, quote: (name: string) => string): string {
  if (relation.kind === 'query')
    // A comment at the end of the text must not take what follows with it.
    return `(\n${relation.text.replace(/[;\s]+$/, '')}\n) AS of_query`;
  const { namespace, table } = relation;
  return [...(namespace === null ? [] : [namespace]), table].map(quote).join('.');
}

/** For messages. */
export function nameOfRelation(relation: Relation, from: string): string {
  return relation.kind === 'query' ? `query ${relation.name}` : `table ${from}`;
}
