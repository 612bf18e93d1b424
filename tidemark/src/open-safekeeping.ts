import { resolve } from 'node:path';
import { readConfig } from './config/read-config.ts';
import type { Home } from './landing/home.ts';
import { unmountStore } from './landing/store/mount.ts';
import { mountedHome } from './landing/store/mounted-home.ts';
import { catalogLocation } from './model/catalog-location.ts';
import type { OpenOptions } from './open-tidemark.ts';
import { SYSTEM_CLOCK } from './run/clock.ts';
import type { CatalogBackup } from './safekeeping/backup-catalog.ts';
import type { Keeper } from './safekeeping/keeper.ts';
import type { CatalogRebuild } from './safekeeping/rebuild-catalog.ts';
import type { Relocation } from './safekeeping/relocate/relocate-home.ts';

/** Looks after a catalog that may be lost, damaged or moved: it is not opened until it is needed. */
export class Safekeeping implements AsyncDisposable {
  readonly home: Home;
  readonly #keeper: Keeper;

  constructor(keeper: Keeper) {
    this.home = keeper.home;
    this.#keeper = keeper;
  }

  /** Copies the catalog as it is at one moment, while runs go on. Nothing is overwritten. */
  async backup(request: { readonly to: string }): Promise<CatalogBackup> {
    const { backupCatalog } = await import('./safekeeping/backup-catalog.ts');
    return await backupCatalog(this.#keeper, { to: resolve(request.to) });
  }

  /** A backup, brought up to now from the ledger. Says what it would come to; with `execute` it is done. */
  async restore(request: { readonly from: string; readonly execute?: boolean }): Promise<CatalogRebuild> {
    const { restoreCatalog } = await import('./safekeeping/restore-catalog.ts');
    return await restoreCatalog(this.#keeper, { ...request, from: resolve(request.from) });
  }

  /** The catalog made anew from ledger and tables. Says what it would come to; with `execute` it is done. */
  async rebuild(
    request: { readonly execute?: boolean; readonly into?: string } = {},
  ): Promise<CatalogRebuild> {
    const { rebuildCatalog } = await import('./safekeeping/rebuild-catalog.ts');
    const { into } = request;
    return await rebuildCatalog(this.#keeper, {
      ...request,
      ...(into !== undefined && { into: resolve(into) }),
    });
  }

  /** A home that was moved or copied, naming itself. Says what it would change; with `execute` it is done. */
  async relocate(request: { readonly from: string; readonly execute?: boolean }): Promise<Relocation> {
    const { relocateHome } = await import('./safekeeping/relocate/relocate-home.ts');
    return await relocateHome(this.#keeper, request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await unmountStore(this.home.storeDir);
  }
}

/** Where `openTidemark` refuses because the catalog is gone or its home was moved, this opens. */
export async function openSafekeeping(
  options: Pick<OpenOptions, 'project' | 'home' | 'clock'> = {},
): Promise<Safekeeping> {
  const config = await readConfig({ from: options.project ?? process.cwd() });
  const dir = resolve(options.home ?? config.homeDir);
  const home = mountedHome({ dir, store: config.store, limits: config.limits });
  const catalogAt = catalogLocation({ url: config.catalogUrl, path: home.catalogPath });
  return new Safekeeping({ home, catalogAt, clock: options.clock ?? SYSTEM_CLOCK });
}
