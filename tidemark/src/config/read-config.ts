import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { isPostgresUrl } from '../model/catalog-location.ts';
import { DEFAULT_LIMITS, LIMIT_CEILINGS, type Limits } from '../model/limits.ts';
import type { ManifestSettings } from '../model/manifest-settings.ts';
import { nearMiss } from '../model/near-miss.ts';
import type { S3Location } from '../model/s3-location.ts';
import { type ApiSettings, apiSettingsFrom } from './api-settings.ts';
import type { BucketSettings } from './bucket-settings.ts';
import { type ConnectionSettings, connectionSettingsFrom } from './connection-settings.ts';
import { withOverrides } from './environment.ts';
import { type HttpSettings, httpSettingsFrom } from './http-settings.ts';
import { manifestSettingsFrom } from './manifest-settings.ts';
import type { Refuse } from './refuse.ts';
import { resolveReferences } from './resolve-references.ts';
import { singerSettingsFrom, type TapSettings } from './singer-settings.ts';
import { sourceModulesFrom } from './source-modules.ts';
import { storeFrom } from './store-settings.ts';
import { type TableSettings, tableSettingsFrom } from './table-settings.ts';

export const CONFIG_FILE = 'tidemark.yaml';

/** A project: its root, and what `tidemark.yaml` says, defaults filled in. Folders are absolute. */
export interface ProjectConfig extends TableSettings {
  readonly root: string;
  readonly homeDir: string;
  /** Of the database that holds the catalog, references resolved: it may hold a password. Null: a file of the home. */
  readonly catalogUrl: string | null;
  /** Where durable files are; null: in the home. May hold a password: never shown. */
  readonly store: S3Location | null;
  readonly manifestsDir: string;
  readonly contractsDir: string;
  readonly fixturesDir: string;
  readonly limits: Limits;
  /** By manifest id; read with `settingsOf`. */
  readonly manifestSettings: Readonly<Record<string, Partial<ManifestSettings>>>;
  /** Whether a run maintains the tables that it moved once they reach a limit. */
  readonly automaticMaintenance: boolean;
  readonly foreignSnapshots: ForeignSnapshots;
  readonly http: HttpSettings;
  /** What servers give page by page, by name. */
  readonly apis: Readonly<Record<string, ApiSettings>>;
  /** Databases by name. */
  readonly connections: Readonly<Record<string, ConnectionSettings>>;
  /** Places in S3 that manifests may name, by the name of their connection. */
  readonly buckets: Readonly<Record<string, BucketSettings>>;
  /** Modules that are sources of rows, by name: absolute paths. */
  readonly sources: Readonly<Record<string, string>>;
  /** Singer taps by name. */
  readonly singer: Readonly<Record<string, TapSettings>>;
}

/**
 * What a run does where another engine wrote to a table last. `refuse`: it fails before its commit. `warn`: it commits on
 * top, and an incident is open. `adopt`: what was written is the table's.
 */
export type ForeignSnapshots = (typeof FOREIGN_SNAPSHOTS)[number];

const FOREIGN_SNAPSHOTS = ['refuse', 'warn', 'adopt'] as const;

/**
 * The project root is the nearest folder, upwards from `from`, that holds `tidemark.yaml`; else `from` itself.
 * Variables `TIDEMARK_<FIELD>` of the environment beat it.
 * @throws ConfigurationError project_refused · config_refused, naming line and field
 */
export async function readConfig({ from }: { from: string }): Promise<ProjectConfig> {
  await refuseNoFolder(from);
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    const path = join(dir, CONFIG_FILE);
    const text = await readIfThere(path);
    if (text !== null) return withOverrides(parseConfig({ root: dir, path, text }));
    if (dir === dirname(dir)) return withOverrides(parseConfig({ root: resolve(from), path, text: '' }));
  }
}

const FOLDERS = {
  home: '.tidemark',
  manifests: 'data/seed_manifests',
  contracts: 'contracts/data',
  fixtures: 'contracts/fixtures',
};
/** Its fields at the top. */
export const CONFIG_FIELDS = [
  ...Object.keys(FOLDERS),
  'catalog',
  'store',
  'limits',
  'tables',
  'manifest_settings',
  'maintenance',
  'foreign_snapshots',
  'http',
  'apis',
  'connections',
  'sources',
  'singer',
];

export function parseConfig({
  root,
  path,
  text,
}: {
  root: string;
  path: string;
  text: string;
}): ProjectConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const refuse: Refuse = (node, message) => {
    const at = lines.linePos(node?.range?.[0] ?? document.errors[0]?.pos[0] ?? 0);
    throw new ConfigurationError({
      code: ERROR_CODES.config_refused,
      message: `${path}:${at.line}:${at.col} ${message}`,
      next: `Mend ${path}; its fields are ${CONFIG_FIELDS.join(', ')}.`,
    });
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const tooDeep = /call stack/.test(error.message);
    refuse(null, tooDeep ? 'it is nested too deep' : (error.message.split('\n')[0] ?? 'not YAML'));
  }
  // A few lines of aliases stand for gigabytes, and a merge hides which value holds: neither is followed.
  visit(document, {
    Alias: (_, alias) =>
      refuse(alias, `an alias (*${alias.source}) is not followed; write out what it stands for`),
  });
  const top = document.contents;
  const settings: Record<string, Node> = {};
  if (top !== null && !(isScalar(top) && top.value === null)) {
    if (!isMap(top)) return refuse(top as Node, 'expected a mapping of settings');
    for (const pair of top.items) {
      const name = String(isScalar(pair.key) ? pair.key.value : pair.key);
      if (!CONFIG_FIELDS.includes(name))
        refuse(pair.key as Node, `unknown field ${name}${meant(name, CONFIG_FIELDS)}`);
      settings[name] = pair.value as Node;
    }
  }
  const folder = (name: keyof typeof FOLDERS) => {
    const node = settings[name];
    if (node === undefined) return resolve(root, FOLDERS[name]);
    if (!isScalar(node) || typeof node.value !== 'string' || node.value === '')
      return refuse(
        node,
        `${name}: expected a folder${name === 'manifests' && isMap(node) ? '; what concerns single manifests goes under manifest_settings' : ''}`,
      );
    return resolve(root, node.value);
  };
  const { databases, buckets } = connectionSettingsFrom(settings.connections, refuse);
  return {
    root,
    homeDir: folder('home'),
    catalogUrl: catalogFrom(settings.catalog, { root, refuse }),
    store: storeFrom(settings.store, { root, refuse }),
    manifestsDir: folder('manifests'),
    contractsDir: folder('contracts'),
    fixturesDir: folder('fixtures'),
    limits: limitsFrom(settings.limits, refuse),
    ...tableSettingsFrom(settings.tables, refuse),
    manifestSettings: manifestSettingsFrom(settings.manifest_settings, refuse),
    automaticMaintenance: maintenanceFrom(settings.maintenance, refuse),
    foreignSnapshots: foreignFrom(settings.foreign_snapshots, refuse),
    http: httpSettingsFrom(settings.http, refuse),
    apis: apiSettingsFrom(settings.apis, refuse),
    connections: databases,
    buckets,
    sources: sourceModulesFrom(settings.sources, { root, refuse }),
    singer: singerSettingsFrom(settings.singer, refuse),
  };
}

function meant(word: string, known: readonly string[]): string {
  const near = nearMiss(word, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** `catalog: postgres://user:${env:NAME}@host/database`. The value is never shown: it may hold a password. */
function catalogFrom(
  node: Node | undefined,
  { root, refuse }: { root: string; refuse: Refuse },
): string | null {
  if (node === undefined) return null;
  const expected = 'catalog: expected the URL of a database, such as postgres://user@host/name';
  if (!isScalar(node) || typeof node.value !== 'string') return refuse(node, expected);
  const resolved = resolveReferences(node.value, { root, put: encodeURIComponent });
  if (resolved.kind === 'unresolved') return refuse(node, `catalog: ${resolved.reason}`);
  return isPostgresUrl(resolved.text) ? resolved.text : refuse(node, expected);
}

function limitsFrom(node: Node | undefined, refuse: Refuse): Limits {
  if (node === undefined) return DEFAULT_LIMITS;
  if (!isMap(node)) return refuse(node, 'limits: expected a mapping');
  const limits: Record<string, number> = { ...DEFAULT_LIMITS };
  for (const { key, value } of node.items) {
    const name = String(isScalar(key) ? key.value : key);
    if (!(name in DEFAULT_LIMITS))
      refuse(key as Node, `limits: unknown limit ${name}; known: ${Object.keys(DEFAULT_LIMITS).join(', ')}`);
    const number = isScalar(value) ? value.value : null;
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1) {
      return refuse(value as Node, `limits.${name}: expected a whole number of at least 1`);
    }
    const ceiling = LIMIT_CEILINGS[name as keyof Limits] ?? Number.MAX_SAFE_INTEGER;
    if (number > ceiling) return refuse(value as Node, `limits.${name}: expected at most ${ceiling}`);
    limits[name] = number;
  }
  return limits as unknown as Limits; // Every key was checked against DEFAULT_LIMITS.
}

function maintenanceFrom(node: Node | undefined, refuse: Refuse): boolean {
  if (node === undefined) return true;
  const form = 'expected automatic: true or automatic: false';
  if (!isMap(node)) return refuse(node, `maintenance: ${form}`);
  const automatic = node.get('automatic');
  return node.items.length === 1 && typeof automatic === 'boolean'
    ? automatic
    : refuse(node, `maintenance: ${form}`);
}

function foreignFrom(node: Node | undefined, refuse: Refuse): ForeignSnapshots {
  if (node === undefined) return 'refuse';
  const value = isScalar(node) ? node.value : null;
  const known = FOREIGN_SNAPSHOTS.find((name) => name === value);
  return known ?? refuse(node, `foreign_snapshots: expected one of ${FOREIGN_SNAPSHOTS.join(', ')}`);
}

/** A folder that is misspelt must not read as a project where nothing ever ran. */
async function refuseNoFolder(from: string): Promise<void> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new ConfigurationError({
      code: ERROR_CODES.project_refused,
      message: `The project folder ${from} ${why}.`,
      next: 'Name a folder of the project with --project, or make one with `tidemark init`.',
      cause,
    });
  };
  const found = await stat(from).catch((error: Error) => error);
  if (found instanceof Error) {
    const { code } = found as NodeJS.ErrnoException;
    refuse(code === 'ENOENT' ? 'does not exist' : `cannot be entered: ${found.message}`, found);
  } else if (!found.isDirectory()) refuse('is not a folder');
}

/** A hundred times what anyone has written into it. */
const CONFIG_BYTES_MAX = 1024 * 1024;

async function readIfThere(path: string): Promise<string | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = await file.stat();
    if (size > CONFIG_BYTES_MAX) throw new Error(`it is ${size} bytes long, more than ${CONFIG_BYTES_MAX}`);
    return await file.readFile('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new ConfigurationError({
      code: ERROR_CODES.config_refused,
      message: `${path} cannot be read: ${(error as Error).message}`,
      next: `Make ${path} a file that this user may read.`,
      cause: error,
    });
  }
}
