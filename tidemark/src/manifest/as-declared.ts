import { DATABASES } from '../model/database-url.ts';
import { isGlob } from '../model/glob.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { MANIFEST_V2 } from './schema-findings.ts';
import type { SourceManifest } from './source-manifest.ts';

/** What `source` of a v2 asset may say in fields. */
interface SourceFields {
  readonly path?: string;
  readonly glob?: string;
  readonly sqlite?: string;
  readonly table?: string;
  readonly postgres?: string;
  readonly mysql?: string;
  readonly query?: string;
  readonly url?: string;
  readonly api?: string;
  readonly singer?: string;
  readonly stream?: string;
}

/**
 * A document that was judged sound, as the rest of the house takes it: v1 as it stands, v2 with its defaults and every
 * `source` as the one location that it means.
 */
export function asDeclared(value: JsonValue): SourceManifest {
  // Out of the tree objects come without a prototype.
  const document = JSON.parse(JSON.stringify(value)) as JsonObject;
  if (document.schema_version !== MANIFEST_V2) return document as unknown as SourceManifest;
  const { assets, ...rest } = document;
  const declared = {
    modality: 'structured',
    source_type: 'other',
    ...rest,
    assets: (assets as JsonObject[]).map(({ source, ...asset }) => ({
      source_url_or_path: locationOf(source as string | SourceFields),
      ...asset,
    })),
  };
  return declared as unknown as SourceManifest;
}

/** A place that no pattern is written of; of S3 one is. */
const SCHEME = /^(?!s3:\/\/)[a-z][a-z0-9+.-]+:/i;

/** The location as v1 would write it. */
export function locationOf(source: string | SourceFields): string {
  if (typeof source === 'string') return isGlob(source) && !SCHEME.test(source) ? `glob:${source}` : source;
  const { path, glob, sqlite, table, query, url, api, singer, stream } = source;
  if (glob !== undefined) return `glob:${glob}`;
  if (api !== undefined) return `api:${api}`;
  if (singer !== undefined) return `singer:${singer}?stream=${encodeURIComponent(stream ?? '')}`;
  const database = DATABASES.find((kind) => source[kind] !== undefined);
  if (database !== undefined) {
    const [kind, value] = query === undefined ? ['table', table] : ['query', query];
    return `${database}:${source[database]}?${kind}=${encodeURIComponent(value ?? '')}`;
  }
  if (sqlite === undefined) return path ?? url ?? '';
  return `sqlite:${sqlite}?table=${encodeURIComponent(table ?? '')}`;
}
