import { resolve } from 'node:path';
import type { Catalog } from './catalog/catalog.ts';
import { catalogId } from './catalog/catalog-id.ts';
import { openCatalog } from './catalog/open-catalog.ts';
import { type ProjectConfig, readConfig } from './config/read-config.ts';
import { loadContracts } from './contract/load-contracts.ts';
import type { Home } from './landing/home.ts';
import { unmountStore, writesFor } from './landing/store/mount.ts';
import { mountedHome } from './landing/store/mounted-home.ts';
import { catalogLocation } from './model/catalog-location.ts';
import type { RestartPoint } from './model/restart-points.ts';
import { SYSTEM_CLOCK } from './run/clock.ts';
import type { Clock, Engine } from './run/engine.ts';
import type { RunEvent } from './run/events.ts';
import { refuseEmptyCatalog, refuseLostCatalog } from './run/refuse-lost-catalog.ts';
import { refuseMovedHome } from './run/refuse-moved-home.ts';
import { refuseOtherStore } from './run/refuse-other-store.ts';
import { usableHome } from './run/usable-home.ts';
import type { RowSource } from './source/row-source.ts';
import { Buckets } from './source/s3/buckets.ts';
import { Tidemark } from './tidemark.ts';

export interface OpenOptions {
  /** A folder of the project; its root is found upwards by `tidemark.yaml`. Default: the working folder. */
  readonly project?: string;
  /** Everything Tidemark keeps; default `.tidemark` below the root, or what `tidemark.yaml` says. */
  readonly home?: string;
  /**
   * Opens without creating or changing anything; a project that never ran reads as empty. Verbs that write refuse.
   * Default: false.
   */
  readonly readOnly?: boolean;
  /** Sources of one's own by the name that manifests give them; they beat those of `tidemark.yaml`. */
  readonly sources?: Readonly<Record<string, RowSource>>;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  onEvent?(event: RunEvent): void;
  /** Told at every arrow of the flow, for whoever wants to stop or watch there. */
  onReached?(point: RestartPoint): Promise<void> | void;
}

/** The only wiring: configuration to adapters to engine. */
export async function openTidemark(options: OpenOptions = {}): Promise<Tidemark> {
  const config: ProjectConfig = await readConfig({ from: options.project ?? process.cwd() });
  const dir = usableHome(resolve(options.home ?? config.homeDir));
  const home = mountedHome({ dir, store: config.store, limits: config.limits });
  try {
    return await openIn(home, { config, options });
  } catch (error) {
    await unmountStore(home.storeDir);
    throw error;
  }
}

async function openIn(
  home: Home,
  { config, options }: { config: ProjectConfig; options: OpenOptions },
): Promise<Tidemark> {
  const readOnly = options.readOnly ?? false;
  const catalogAt = catalogLocation({ url: config.catalogUrl, path: home.catalogPath });
  await refuseLostCatalog(home, catalogAt);
  const catalog = await openCatalog(catalogAt, { readOnly });
  if (catalogAt.kind === 'sqlite') await refuseMovedHome(catalog, home);
  else await refuseEmptyCatalog(catalog, home, catalogAt);
  await refuseOtherStore(catalog, home);
  if (!readOnly && config.store !== null) writesFor(home.storeDir, await catalogId(catalog));
  const { contractsDir: dir, limits } = config;
  const contracts = await loadContracts({
    dir,
    limits,
    root: config.root,
    judged: await usedContracts(catalog),
  });
  const engine: Engine = {
    root: config.root,
    home,
    catalog,
    catalogAt,
    contracts,
    limits: config.limits,
    partitionBy: config.partitionBy,
    unique: config.unique,
    manifestSettings: config.manifestSettings,
    automaticMaintenance: config.automaticMaintenance,
    foreignSnapshots: config.foreignSnapshots,
    http: config.http,
    apis: config.apis,
    connections: config.connections,
    buckets: new Buckets(config),
    sources: { ...config.sources, ...options.sources },
    singer: config.singer,
    clock: options.clock ?? SYSTEM_CLOCK,
    signal: options.signal ?? new AbortController().signal,
    onEvent: options.onEvent ?? (() => undefined),
    reached: options.onReached ?? (() => undefined),
  };
  return new Tidemark({ engine, config });
}

/** Contracts that runs have judged records by. */
async function usedContracts(catalog: Catalog): Promise<ReadonlySet<string>> {
  const rows = await catalog.selectFrom('contracts').select('hash').execute();
  return new Set(rows.map((row) => row.hash));
}
