/** What there is to tell of one thing: the same for a terminal, a machine and a page. */
export interface Story {
  readonly kind: StoryKind;
  readonly title: string;
  /** In the order in which they are read; a label may come several times. */
  readonly facts: readonly Fact[];
  /** Where to go on: `query` shows the thing. */
  readonly related: readonly Related[];
  /** The one thing to do next; null when nothing is to be done. */
  readonly next: string | null;
}

export type StoryKind =
  | 'manifest'
  | 'batch'
  | 'run'
  | 'trace'
  | 'content'
  | 'source'
  | 'unit'
  | 'snapshot'
  | 'table'
  | 'contract'
  | 'evidence_entry'
  | 'evidence_file'
  | 'incident'
  | 'data_file'
  | 'record'
  | 'rejection'
  | 'skip'
  /** More things answer than are told one by one: `related` lists them. */
  | 'candidates';

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export interface Related {
  readonly label: string;
  readonly value: string;
  readonly query: string;
}

type Value = string | number | bigint | null | undefined;

/** The facts that there are: what is null or empty is left out. */
export function facts(values: Readonly<Record<string, Value>>): Fact[] {
  return Object.entries(values).flatMap(([label, value]) =>
    value === null || value === undefined || value === '' ? [] : [{ label, value: String(value) }],
  );
}

/** Related things by label, each shown by its own id; those that are not there are left out. */
export function related(ids: Readonly<Record<string, string | null | undefined>>): Related[] {
  return Object.entries(ids).flatMap(([label, id]) => (id ? [{ label, value: id, query: id }] : []));
}

/** `1 row`, `20 rows`; `one` in the singular. */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** So many answers are told one by one; beyond, they are listed. */
export const STORIES_MAX = 12;
