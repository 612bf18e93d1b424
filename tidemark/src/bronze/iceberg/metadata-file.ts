import { gunzipSync } from 'node:zlib';
import { ERROR_CODES } from '../../errors/codes.ts';
import { InvariantError } from '../../errors/tidemark-error.ts';
import { parseTableMetadata, printTableMetadata } from './metadata-text.ts';
import type { TableReader } from './table-io.ts';
import type { MetadataLogEntry, TableMetadata } from './table-metadata.ts';

/** Earlier metadata files a table remembers when `write.metadata.previous-versions-max` does not say otherwise. */
const PREVIOUS_VERSIONS_MAX = 100;

/** `00012-<uuid>.metadata.json`. */
export function metadataFileName(version: number, uuid: string): string {
  return `${String(version).padStart(5, '0')}-${uuid}.metadata.json`;
}

/** The folder of metadata, manifest lists and manifests. */
export function metadataFolder(metadata: TableMetadata): string {
  const folder =
    metadata.properties['write.metadata.path'] ?? `${metadata.location.replace(/\/+$/, '')}/metadata`;
  return folder.replace(/\/+$/, '');
}

/** Where the next version goes: one above the current file's number, 0 for a new table or an unnumbered file. */
export function nextMetadataLocation(
  metadata: TableMetadata,
  next: { readonly currentLocation: string | null; readonly uuid: string },
): string {
  const number = /\/(\d+)-[^/]*$/.exec(next.currentLocation ?? '')?.[1];
  const version = number === undefined ? 0 : Number(number) + 1;
  return `${metadataFolder(metadata)}/${metadataFileName(version, next.uuid)}`;
}

/** A table's metadata and the file it was read from. */
export interface LocatedMetadata {
  readonly location: string;
  readonly metadata: TableMetadata;
}

/**
 * The file that makes `metadata` the table's next version, with the version it replaces added to its log. Once it is
 * durable, swapping the catalog's `metadata_location` from `base.location` to `location` is the commit.
 */
export function planMetadataFile(plan: {
  /** What `metadata` was made from; null for a new table. */
  readonly base: LocatedMetadata | null;
  readonly metadata: TableMetadata;
  readonly uuid: string;
  readonly nowMs: number;
  /** Earlier files that stay in the log; by default as many as the table's property says. */
  readonly logMax?: number;
}): LocatedMetadata & { readonly bytes: Uint8Array } {
  const { base } = plan;
  const metadata: TableMetadata = {
    ...plan.metadata,
    'last-updated-ms': Math.max(plan.nowMs, plan.metadata['last-updated-ms']),
    'metadata-log': base === null ? [] : logged(plan.metadata, base).slice(-(plan.logMax ?? Infinity)),
  };
  const location = nextMetadataLocation(metadata, {
    currentLocation: base?.location ?? null,
    uuid: plan.uuid,
  });
  return { location, metadata, bytes: new TextEncoder().encode(printTableMetadata(metadata)) };
}

function logged(metadata: TableMetadata, base: LocatedMetadata): readonly MetadataLogEntry[] {
  const declared = Number(
    metadata.properties['write.metadata.previous-versions-max'] ?? PREVIOUS_VERSIONS_MAX,
  );
  const kept = Number.isSafeInteger(declared) && declared > 0 ? declared : 1;
  const entry = { 'timestamp-ms': base.metadata['last-updated-ms'], 'metadata-file': base.location };
  return [...base.metadata['metadata-log'], entry].slice(-kept);
}

/** @throws InvariantError `table_metadata_refused` when the file is not whole metadata of format version 2. */
export async function readTableMetadata(io: TableReader, location: string): Promise<LocatedMetadata> {
  const bytes = await io.read(location);
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const reading = parseTableMetadata(new TextDecoder().decode(gzipped ? gunzipSync(bytes) : bytes));
  if (reading.kind === 'parsed') return { location, metadata: reading.metadata };
  const problems = reading.problems.map(
    ({ field, expected, found }) => `${field || 'document'}: expected ${expected}, found ${found}`,
  );
  throw new InvariantError({
    code: ERROR_CODES.table_metadata_refused,
    message: `The table metadata ${location} cannot be used: ${problems.join('; ')}.`,
    next: 'Point the catalog at an earlier file of its metadata-log, or restore the file from a copy.',
    facts: { location, problems },
  });
}
