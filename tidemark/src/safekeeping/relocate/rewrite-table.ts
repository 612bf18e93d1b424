import { hash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readAvroFile, writeAvroFile } from '../../bronze/iceberg/avro-file.ts';
import { memberSchema, namesById } from '../../bronze/iceberg/avro-schema.ts';
import {
  type LocatedMetadata,
  planMetadataFile,
  readTableMetadata,
} from '../../bronze/iceberg/metadata-file.ts';
import { pathOf, tableIo, uriOf } from '../../bronze/table-io.ts';
import { type Move, movedPlace, withMovedPlaces } from './moved-places.ts';

export interface RewrittenTable {
  readonly table: string;
  /** What the catalog pointed to, where it is now. */
  readonly previous: string;
  readonly metadataLocation: string;
  readonly snapshots: number;
  readonly manifests: number;
  /** Data files that its snapshots name, and how many of them are not where they should be now. */
  readonly dataFiles: number;
  readonly missing: readonly string[];
}

type Write = (uri: string, bytes: Uint8Array) => Promise<void>;

/**
 * Writes the metadata of a moved table anew: manifests, manifest lists, then the metadata file. The old ones stay beside
 * them. Names and bytes follow from the old ones and the new place alone, so doing it again writes the same.
 */
export async function rewriteTable({
  table,
  location,
  move,
  write,
}: {
  table: string;
  /** As the catalog names it. */
  location: string;
  move: Move;
  /** Null: looks, and writes nothing. */
  write: Write | null;
}): Promise<RewrittenTable> {
  const previous = movedPlace(location, move) ?? location;
  const read = await readTableMetadata(tableIo, previous);
  const base: LocatedMetadata = { location: previous, metadata: withMovedPlaces(read.metadata, move) };
  const manifests = new Map<string, { uri: string; length: number }>();
  const dataFiles = new Set<string>();
  const lists = new Map<string, string>();
  const context = { move, write, manifests, dataFiles };
  for (const snapshot of base.metadata.snapshots) {
    const list = snapshot['manifest-list'];
    lists.set(list, await rewriteList(list, context));
  }
  const metadata = {
    ...base.metadata,
    snapshots: base.metadata.snapshots.map((snapshot) => ({
      ...snapshot,
      'manifest-list': lists.get(snapshot['manifest-list']) ?? snapshot['manifest-list'],
    })),
  };
  const nowMs = metadata['last-updated-ms'];
  const file = planMetadataFile({ base, metadata, uuid: tagOf(move), nowMs });
  await write?.(file.location, file.bytes);
  const missing: string[] = [];
  for (const uri of dataFiles) {
    const there = await stat(pathOf(uri)).then(
      (found) => found.isFile(),
      () => false,
    );
    if (!there) missing.push(uri);
  }
  return {
    table,
    previous,
    metadataLocation: file.location,
    snapshots: metadata.snapshots.length,
    manifests: manifests.size,
    dataFiles: dataFiles.size,
    missing,
  };
}

interface Context {
  readonly move: Move;
  readonly write: Write | null;
  /** Manifests written so far, by where they were: snapshots share them. */
  readonly manifests: Map<string, { uri: string; length: number }>;
  readonly dataFiles: Set<string>;
}

async function rewriteList(uri: string, context: Context): Promise<string> {
  const { schema, header, records } = readAvroFile(await tableIo.read(uri), uri);
  const names = namesById(schema);
  const [path, length] = [names.get(500) ?? 'manifest_path', names.get(501) ?? 'manifest_length'];
  const moved: Record<string, unknown>[] = [];
  for (const record of records) {
    const place = movedPlace(String(record[path]), context.move);
    if (place === null) {
      moved.push(record);
      continue;
    }
    const manifest = context.manifests.get(place) ?? (await rewriteManifest(place, context));
    context.manifests.set(place, manifest);
    moved.push({ ...record, [path]: manifest.uri, [length]: BigInt(manifest.length) });
  }
  const name = nameOf(uri, context.move);
  await context.write?.(name, writeAvroFile({ schema, header: ownKeys(header), records: moved }));
  return name;
}

async function rewriteManifest(
  uri: string,
  { move, write, dataFiles }: Context,
): Promise<{ uri: string; length: number }> {
  const { schema, header, records } = readAvroFile(await tableIo.read(uri), uri);
  const entry = namesById(schema).get(2) ?? 'data_file';
  const names = namesById(memberSchema(schema, { id: 2, name: 'data_file' }));
  const status = namesById(schema).get(0) ?? 'status';
  const [path, referenced] = [names.get(100) ?? 'file_path', names.get(143) ?? 'referenced_data_file'];
  const moved = records.map((record) => {
    const file = record[entry] as Readonly<Record<string, unknown>>;
    const named = String(file[path]);
    const place = movedPlace(named, move) ?? named;
    // A file that an entry tells to be gone may be gone.
    if (record[status] !== DELETED && place !== named) dataFiles.add(place);
    const of = file[referenced];
    return {
      ...record,
      [entry]: {
        ...file,
        [path]: place,
        ...(typeof of === 'string' && { [referenced]: movedPlace(of, move) ?? of }),
      },
    };
  });
  const bytes = writeAvroFile({ schema, header: ownKeys(header), records: moved });
  const name = nameOf(uri, move);
  await write?.(name, bytes);
  return { uri: name, length: bytes.length };
}

const DELETED = 2;

/** Avro's own keys are written anew. */
function ownKeys(header: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...header].filter(([key]) => !key.startsWith('avro.')));
}

function tagOf({ to }: Move): string {
  return `moved-${hash('sha256', to).slice(0, 8)}`;
}

/** Beside the old file, under a name that tells it from it and from that of any other move. */
function nameOf(uri: string, move: Move): string {
  const path = pathOf(uri);
  return uriOf(join(dirname(path), `${tagOf(move)}-${basename(path).replace(/^moved-[0-9a-f]{8}-/, '')}`));
}
