import { readdir, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { isInside } from '../model/is-inside.ts';
import type { Limits } from '../model/limits.ts';
import { type FileProblem, refusedFile } from './file-problem.ts';
import { type BoundedBytes, readBounded } from './read-bounded.ts';
import { type ExaminedManifest, examineManifest } from './read-manifest.ts';
import { refuseRepeatedIds } from './repeated-ids.ts';
import type { ManifestReading } from './source-manifest.ts';

export interface ManifestPlaces {
  /** Every `*.json`, `*.yaml` and `*.yml` in them is a manifest, in file-name order, but for hidden files and the schema. */
  readonly manifestDirs: readonly string[];
  /** Read after the folders, in the order given. */
  readonly manifestPaths: readonly string[];
  readonly limits: Pick<Limits, 'declarationBytesMax'>;
  /** Of the project: what is in a folder of manifests may be a link to what is in it, and to nothing else. */
  readonly root?: string;
}

/**
 * Reads the manifests of one invocation, each file once, however many ways lead to it. A file that cannot be used is a
 * refused reading.
 *
 * @throws ConfigurationError when a folder cannot be listed, or when there is no manifest at all.
 */
export async function scanManifests(places: ManifestPlaces): Promise<ManifestReading[]> {
  const { manifestDirs, manifestPaths, limits } = places;
  const examined: ExaminedManifest[] = [];
  const seen = new Set<string>();
  const root = places.root === undefined ? [] : [await realpath(places.root)];
  /** `within`: where a link may lead; whoever names a file by hand means it. */
  const readOnce = async (path: string, within: readonly string[] | null): Promise<void> => {
    const identity = await realpath(path).catch(() => null);
    if (seen.has(identity ?? resolve(path))) return;
    seen.add(identity ?? resolve(path));
    const strays = identity !== null && within?.every((folder) => !isInside(folder, identity));
    examined.push(strays ? unexamined(path, STRAY) : await examineFile(path, limits.declarationBytesMax));
  };
  const emptyDirs: string[] = [];
  for (const dir of manifestDirs) {
    const names = await manifestNames(dir);
    if (names.length === 0) emptyDirs.push(dir);
    const within = [await realpath(dir), ...root];
    for (const name of names) await readOnce(join(dir, name), within);
  }
  for (const path of manifestPaths) await readOnce(path, null);
  if (examined.length === 0) throw noManifests(manifestDirs);
  return [...refuseRepeatedIds(examined), ...emptyDirs.map((dir) => refusedFile(dir, EMPTY_DIRECTORY))];
}

async function manifestNames(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    throw unlistable(dir, error);
  });
  return names.filter((name) => /^[^.].*\.(json|ya?ml)$/s.test(name) && !isSchemaName(name)).sort();
}

/** The form keeps this beginning for the schema's own file. */
function isSchemaName(name: string): boolean {
  return name.startsWith('source_manifest');
}

async function examineFile(path: string, bytesMax: number): Promise<ExaminedManifest> {
  if (isSchemaName(basename(path))) return unexamined(path, SCHEMA_FILE);
  const content = await readBounded(path, bytesMax);
  if (content.kind === 'bytes') return examineManifest({ path, bytes: content.bytes });
  return unexamined(path, fileProblem(content, bytesMax));
}

function unexamined(path: string, problem: FileProblem): ExaminedManifest {
  return { reading: refusedFile(path, problem), contentHash: '', manifestId: null };
}

const EMPTY_DIRECTORY: FileProblem = {
  rule: 'directory_empty',
  message: 'this manifest folder holds no manifest',
  expected: 'at least one *.json or *.yaml file',
  found: 'none',
};

/** A problem repeats a little of what it found, so a link to anything else could have it shown. */
const STRAY: FileProblem = {
  rule: 'file_outside',
  message: 'the manifest is a link that leads out of its folder and out of the project',
  expected: 'a file in the folder, or a link within the project',
  found: 'a link that leads elsewhere',
};

const SCHEMA_FILE: FileProblem = {
  rule: 'file_is_schema',
  message: 'a file whose name begins with source_manifest is the schema, never a manifest',
  expected: 'a manifest under another name',
  found: 'the name of a schema',
};

function fileProblem(content: Exclude<BoundedBytes, { kind: 'bytes' }>, bytesMax: number): FileProblem {
  switch (content.kind) {
    case 'missing':
      return {
        rule: 'file_missing',
        message: 'the manifest does not exist',
        expected: 'a manifest file at this path',
        found: 'nothing',
      };
    case 'not_regular':
      return {
        rule: 'file_not_regular',
        message: 'the manifest is not a file',
        expected: 'a regular file',
        found: 'a folder, a pipe or a device',
      };
    case 'too_large':
      return {
        rule: 'file_too_large',
        message: 'the manifest is too large to be read',
        expected: `at most ${bytesMax} bytes`,
        found: 'more bytes than that',
      };
    case 'unreadable':
      return {
        rule: 'file_unreadable',
        message: 'the manifest cannot be read',
        expected: 'a file that may be read',
        found: content.why,
      };
  }
}

function unlistable(dir: string, error: NodeJS.ErrnoException): ConfigurationError {
  const why =
    error.code === 'ENOENT'
      ? 'it does not exist'
      : error.code === 'ENOTDIR'
        ? 'it is not a folder'
        : error.message;
  return new ConfigurationError({
    code: ERROR_CODES.manifest_dir_unreadable,
    message: `The manifest folder ${dir} cannot be listed: ${why}.`,
    next: 'Name an existing folder with --manifest-dir, or make a project with `tidemark init`.',
    facts: { dir, errno: error.code ?? null },
    cause: error,
  });
}

function noManifests(dirs: readonly string[]): ConfigurationError {
  const where =
    dirs.length === 0 ? 'no folder and no file was named' : `no *.json or *.yaml in ${dirs.join(', ')}`;
  return new ConfigurationError({
    code: ERROR_CODES.no_manifests,
    message: `There is no manifest to work on: ${where}.`,
    next: 'Name manifests with --manifest-dir or --manifest-path, or make a project with `tidemark init`.',
    facts: { dirs },
  });
}
