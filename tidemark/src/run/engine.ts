import type { Catalog } from '../catalog/catalog.ts';
import type { ApiSettings } from '../config/api-settings.ts';
import type { ConnectionSettings } from '../config/connection-settings.ts';
import type { HttpSettings } from '../config/http-settings.ts';
import type { ForeignSnapshots } from '../config/read-config.ts';
import type { TapSettings } from '../config/singer-settings.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import type { Home } from '../landing/home.ts';
import type { CatalogLocation } from '../model/catalog-location.ts';
import type { Limits } from '../model/limits.ts';
import type { ManifestSettings } from '../model/manifest-settings.ts';
import type { RestartPoint } from '../model/restart-points.ts';
import type { Uniqueness } from '../model/uniqueness.ts';
import type { RowSource } from '../source/row-source.ts';
import type { Buckets } from '../source/s3/buckets.ts';
import type { RunEvent } from './events.ts';

/** What a run may use of the world. Time and ids come from here, so that a run can be repeated exactly in a test. */
export interface Engine {
  /** Sources are confined to this folder; declared paths are relative to it. */
  readonly root: string;
  readonly home: Home;
  readonly catalog: Catalog;
  /** Where it is: for who has to open it once more, or to tell a person. */
  readonly catalogAt: CatalogLocation;
  readonly contracts: ContractShelf;
  readonly limits: Limits;
  /** Declared partitioning per table, such as `{ ticket: ['day(created_at)'] }`. */
  readonly partitionBy: Readonly<Record<string, readonly string[]>>;
  /** What of a table may come once alone, where the project says it; beats its contract. */
  readonly unique: Readonly<Record<string, Uniqueness>>;
  /** Cadence, lateness, lookback and partitions by manifest id; read with `settingsOf`. */
  readonly manifestSettings: Readonly<Record<string, Partial<ManifestSettings>>>;
  /** Whether a run maintains the tables that it moved. */
  readonly automaticMaintenance: boolean;
  /** What a run does where another engine wrote to a table last. */
  readonly foreignSnapshots: ForeignSnapshots;
  /** How sources are read that are URLs. */
  readonly http: HttpSettings;
  /** What servers give page by page, by name. */
  readonly apis: Readonly<Record<string, ApiSettings>>;
  /** Databases by name. */
  readonly connections: Readonly<Record<string, ConnectionSettings>>;
  /** Places in S3 that manifests may name. */
  readonly buckets: Buckets;
  /** Sources of the project's own by name: what they are, or the file that says it. */
  readonly sources: Readonly<Record<string, RowSource | string>>;
  /** Singer taps by name. */
  readonly singer: Readonly<Record<string, TapSettings>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onEvent(event: RunEvent): void;
  /** Called at every arrow of the commit protocol; tests stop the process here. */
  reached(point: RestartPoint): Promise<void> | void;
}

export interface Clock {
  now(): Date;
  /** UUIDv7, later ones sort later. */
  newRunId(): string;
  /** W3C trace id. */
  newTraceId(): string;
}
