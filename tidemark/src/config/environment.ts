import { resolve } from 'node:path';
import { STORE_VARIABLES, storeOverridden } from '../config/store-settings.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { isPostgresUrl } from '../model/catalog-location.ts';
import type { S3Location } from '../model/s3-location.ts';

/** What of a project's configuration the environment may say. */
export interface Overridable {
  readonly root: string;
  readonly homeDir: string;
  readonly manifestsDir: string;
  readonly contractsDir: string;
  readonly fixturesDir: string;
  readonly catalogUrl: string | null;
  readonly store: S3Location | null;
}

const FOLDERS = {
  TIDEMARK_HOME: 'homeDir',
  TIDEMARK_MANIFESTS: 'manifestsDir',
  TIDEMARK_CONTRACTS: 'contractsDir',
  TIDEMARK_FIXTURES: 'fixturesDir',
} as const satisfies Record<string, keyof Overridable>;

const CATALOG = 'TIDEMARK_CATALOG';

/** Variables that say what `tidemark.yaml` may say, for a machine that is set up by its environment. */
export const VARIABLES: readonly string[] = [
  ...Object.keys(FOLDERS),
  CATALOG,
  ...Object.keys(STORE_VARIABLES),
];

/**
 * The configuration with what the environment says in its place; folders relative to the project's root. An empty variable
 * says nothing.
 * @throws ConfigurationError config_refused, naming the variable and never its value, which may hold a password
 */
export function withOverrides<T extends Overridable>(config: T, env: NodeJS.ProcessEnv = process.env): T {
  const folders = Object.entries(FOLDERS).flatMap(([variable, field]) =>
    env[variable] ? [[field, resolve(config.root, env[variable])]] : [],
  );
  const store = storeOverridden(config.store, env);
  if (typeof store === 'string')
    throw new ConfigurationError({
      code: ERROR_CODES.config_refused,
      message: `${store}: ${STORE_VARIABLES[store]}.`,
      next: `Mend the variable ${store}, or unset it: tidemark.yaml then says where the store is.`,
    });
  return {
    ...config,
    ...Object.fromEntries(folders),
    catalogUrl: catalogUrlOf(env) ?? config.catalogUrl,
    store,
  };
}

function catalogUrlOf(env: NodeJS.ProcessEnv): string | null {
  const url = env[CATALOG];
  if (!url) return null;
  if (isPostgresUrl(url)) return url;
  throw new ConfigurationError({
    code: ERROR_CODES.config_refused,
    message: `${CATALOG}: expected the URL of a database, such as postgres://user@host/name.`,
    next: `Mend the variable ${CATALOG}, or unset it: the catalog is then a file of the home.`,
  });
}
