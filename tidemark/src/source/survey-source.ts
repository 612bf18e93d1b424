import { ERROR_CODES } from '../errors/codes.ts';
import { apiNameOf, isApiLocation } from './api/api-location.ts';
import { locateSource, unreadable } from './file/locate-source.ts';
import { listFolder } from './folder/list-folder.ts';
import type { FormatName } from './folder/record-names.ts';
import { isGlobLocation } from './glob/glob-location.ts';
import { listMatches } from './glob/list-matches.ts';
import { isHttpLocation, parseHttpLocation } from './http/http-location.ts';
import { isModuleLocation, type ModuleLocation, parseModuleLocation } from './module/module-location.ts';
import {
  isRelationLocation,
  parseRelationLocation,
  type RelationLocation,
} from './relation/relation-location.ts';
import {
  isObjectLocation,
  type ObjectLocation,
  type ObjectsLocation,
  parseObjectLocation,
} from './s3/object-location.ts';
import type { ListedObject } from './s3/object-part.ts';
import { isSingerLocation, parseSingerLocation, type SingerLocation } from './singer/singer-location.ts';
import type { Split } from './split.ts';
import { isTableLocation, parseTableLocation } from './sqlite-table/table-location.ts';
import type { Unreachable } from './unreachable.ts';

export interface SurveyRequest {
  readonly root: string;
  readonly declared: string;
  /** Whether the manifest says what its bytes must be: it cannot for a source of many parts. */
  readonly declaresBytes: boolean;
  readonly filesMax: number;
  /** Which files of a folder are meant; lines of JSON where it is absent. */
  readonly format?: FormatName;
}

/** What there is of a declared source now, found without reading it. */
export type Survey =
  | { readonly kind: 'one'; readonly split: Split }
  /** It is not looked at before it is read: even a question is a visit. */
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'api'; readonly name: string }
  | { readonly kind: 'relation'; readonly relation: RelationLocation }
  | { readonly kind: 'tap'; readonly tap: SingerLocation }
  | { readonly kind: 'module'; readonly module: ModuleLocation }
  | { readonly kind: 'object'; readonly object: Extract<ObjectLocation, { kind: 'object' }> }
  /** A listing says which. */
  | { readonly kind: 'objects'; readonly objects: ObjectsLocation }
  | Many
  | Unreachable;

export interface Many {
  readonly kind: 'many';
  readonly splits: readonly (Pick<Split, 'name'> & { readonly listed?: ListedObject })[];
  readonly passedOver: number;
  /** Of objects: keys that are meant and not to be asked for. */
  readonly unsafe?: { readonly count: number; readonly first: readonly string[] };
}

export async function surveySource(request: SurveyRequest): Promise<Survey> {
  const { root, declared, filesMax } = request;
  if (isTableLocation(declared)) return await surveyTable(request);
  if (isRelationLocation(declared)) {
    const relation = parseRelationLocation(declared);
    if (typeof relation === 'string') return refusedLocation(declared, 'relation', relation);
    return request.declaresBytes ? declaresBytes(`${declared} is rows`) : { kind: 'relation', relation };
  }
  if (isSingerLocation(declared)) {
    const tap = parseSingerLocation(declared);
    if (typeof tap === 'string') return refusedLocation(declared, 'tap', tap);
    return request.declaresBytes ? declaresBytes(`${declared} is a stream`) : { kind: 'tap', tap };
  }
  if (isModuleLocation(declared)) {
    const module = parseModuleLocation(declared);
    if (typeof module === 'string') return refusedLocation(declared, 'module', module);
    return request.declaresBytes ? declaresBytes(`${declared} is rows`) : { kind: 'module', module };
  }
  if (isApiLocation(declared))
    return request.declaresBytes
      ? declaresBytes(`${declared} is an API`)
      : { kind: 'api', name: apiNameOf(declared) };
  if (isHttpLocation(declared)) {
    const url = parseHttpLocation(declared);
    return url instanceof URL ? { kind: 'url', url } : url;
  }
  if (isObjectLocation(declared)) return surveyObjects(request);
  if (isGlobLocation(declared)) return await surveyMatches(request);
  const location = await locateSource({ root, declared });
  if (location.kind === 'unreachable') return location;
  if (location.kind === 'file') {
    const { path, stat } = location;
    return { kind: 'one', split: { name: '', declaredPath: declared, path, stat, table: null } };
  }
  if (request.declaresBytes) return declaresBytes(`${declared} is a folder`);
  const { format = 'jsonl' } = request;
  const listing = await listFolder({ root, declared, path: location.path, filesMax, format });
  if (listing.kind === 'unreachable') return listing;
  return { ...listing, kind: 'many' };
}

/** Not asked for before it is read or listed. */
function surveyObjects({ declared, declaresBytes: declares }: SurveyRequest): Survey {
  const object = parseObjectLocation(declared);
  if (typeof object === 'string') return refusedLocation(declared, 'object', object);
  if (object.kind === 'object') return { kind: 'object', object };
  return declares ? declaresBytes(`${declared} is many objects`) : { kind: 'objects', objects: object };
}

async function surveyMatches({
  root,
  declared,
  declaresBytes: declares,
  filesMax,
}: SurveyRequest): Promise<Survey> {
  if (declares) return declaresBytes(`${declared} is a pattern`);
  const listing = await listMatches({ root, declared, filesMax });
  return listing.kind === 'unreachable' ? listing : { ...listing, kind: 'many' };
}

/** The file that the table is in; it is not opened, so whether the table is there is found by who reads it. */
async function surveyTable({ root, declared, declaresBytes: declares }: SurveyRequest): Promise<Survey> {
  const table = parseTableLocation(declared);
  if (typeof table === 'string') return refusedLocation(declared, 'table', table);
  if (declares) return declaresBytes(`${declared} is a table`);
  const location = await locateSource({ root, declared: table.path });
  if (location.kind === 'unreachable') return location;
  if (location.kind === 'folder') return unreadable(declared, 'it is a folder, not a database');
  const { path, stat } = location;
  return { kind: 'one', split: { name: '', declaredPath: declared, path, stat, table } };
}

/** How each kind of location is written, for one that is not. */
const WRITTEN = {
  table: ['table source', 'sqlite:<path below the project root>?table=<name>'],
  relation: ['table of a database', 'postgres:<connection>?table=<schema>.<table>'],
  tap: ['stream of a tap', 'singer:<name>?stream=<stream>'],
  module: ['source of a module', 'module:<name>?<parameters>'],
  object: ['source in S3', 's3://<bucket>/<key>, or s3://<bucket>/<prefix>/,'],
} as const;

function refusedLocation(declared: string, kind: keyof typeof WRITTEN, why: string): Unreachable {
  const [what, form] = WRITTEN[kind];
  return {
    kind: 'unreachable',
    cause: 'refused',
    code: ERROR_CODES[`${kind}_location_refused`],
    message: `${declared} is no ${what}: ${why}.`,
    next: `Declare ${form} in the manifest, then run: tidemark check`,
  };
}

function declaresBytes(what: string): Unreachable {
  return {
    kind: 'unreachable',
    cause: 'refused',
    code: ERROR_CODES.declared_sum_of_many,
    message: `${what}: it has neither one size nor one SHA-256, and the manifest declares them.`,
    next: 'Take size_bytes and checksum_sha256 out of its asset in the manifest, then run again: what comes in is known by its own sum.',
  };
}
