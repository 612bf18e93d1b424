import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts';

/** How the rows of a stream are wanted: all of them, or those since the state, by a key. */
export type Replication = { readonly kind: 'full' } | { readonly kind: 'incremental'; readonly key: string };

export interface SelectedStream {
  readonly catalog: JsonObject;
  /** What its messages may call it: its id in the catalog is not always the name that is sent. */
  readonly names: ReadonlySet<string>;
}

/**
 * A tap's catalog with one stream selected, every property of it that it can deliver, and nothing else. What the tap, or who
 * wrote the catalog, decided about its replication stays. A string says why there is no such stream. Pure.
 */
export function selectStream(
  catalog: JsonValue,
  { stream, replication }: { stream: string; replication: Replication },
): SelectedStream | string {
  const streams = isJsonObject(catalog) && Array.isArray(catalog.streams) ? catalog.streams : [];
  const entries = streams.filter((entry) => isJsonObject(entry));
  const chosen = entries.find((entry) => nameOf(entry) === stream);
  if (chosen === undefined)
    return `its catalog has no stream ${stream}; it has ${entries.slice(0, 12).map(nameOf).join(', ') || 'none'}`;
  const said = [stream, chosen.stream, chosen.stream_alias].filter((name) => typeof name === 'string');
  return {
    names: new Set(said),
    catalog: {
      ...(catalog as JsonObject),
      streams: entries.map((entry) => (entry === chosen ? selected(entry, replication) : ignored(entry))),
    },
  };
}

function nameOf(entry: JsonObject): string {
  return String(entry.tap_stream_id ?? entry.stream ?? '');
}

function metadataOf(entry: JsonObject): JsonObject[] {
  return Array.isArray(entry.metadata) ? entry.metadata.filter((item) => isJsonObject(item)) : [];
}

const isRoot = ({ breadcrumb }: JsonObject) => !Array.isArray(breadcrumb) || breadcrumb.length === 0;
const factsOf = ({ metadata }: JsonObject): JsonObject => (isJsonObject(metadata) ? metadata : {});

function selected(entry: JsonObject, replication: Replication): JsonObject {
  const all = metadataOf(entry);
  const root = factsOf(all.find(isRoot) ?? {});
  // Empty where a tap leaves it to whoever selects.
  const decided = root['forced-replication-method'] || root['replication-method'] || entry.replication_method;
  const own = decided ? { inEntry: {}, inMetadata: {} } : wanted(replication);
  const properties = all
    .filter((item) => !isRoot(item))
    .map((item) => ({
      ...item,
      metadata: { ...factsOf(item), selected: factsOf(item).inclusion !== 'unsupported' },
    }));
  return {
    ...entry,
    ...own.inEntry,
    schema: { ...(isJsonObject(entry.schema) ? entry.schema : {}), selected: true },
    metadata: [{ breadcrumb: [], metadata: { ...root, ...own.inMetadata, selected: true } }, ...properties],
  };
}

/** Said in both places that taps look at: those of Meltano's SDK in the entry, those of the first library in its metadata. */
function wanted(replication: Replication): { inEntry: JsonObject; inMetadata: JsonObject } {
  const method = replication.kind === 'full' ? 'FULL_TABLE' : 'INCREMENTAL';
  const key = replication.kind === 'full' ? null : replication.key;
  return {
    inEntry: { replication_method: method, ...(key === null ? {} : { replication_key: key }) },
    inMetadata: { 'replication-method': method, ...(key === null ? {} : { 'replication-key': key }) },
  };
}

function ignored(entry: JsonObject): JsonObject {
  const all = metadataOf(entry);
  const root = factsOf(all.find(isRoot) ?? {});
  return {
    ...entry,
    schema: { ...(isJsonObject(entry.schema) ? entry.schema : {}), selected: false },
    metadata: [
      { breadcrumb: [], metadata: { ...root, selected: false } },
      ...all.filter((item) => !isRoot(item)),
    ],
  };
}
