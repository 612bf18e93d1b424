/** Small files of one partition that become one. */
export interface CompactionGroup {
  readonly uris: readonly string[];
  readonly records: number;
  readonly bytes: number;
}

/** What maintaining one table comes to. Lists, not rules: what is executed is what was shown. */
export interface TablePlan {
  readonly table: string;
  /** What the catalog pointed to: any later metadata makes the plan outdated. */
  readonly metadataLocation: string;
  readonly snapshots: number;
  readonly dataFiles: number;
  readonly compact: readonly CompactionGroup[];
  /** Small manifests that become few. */
  readonly mergeManifests: number;
  /** Ids of snapshots that nobody has to keep, oldest first. */
  readonly expire: readonly string[];
  /** Files that nothing refers to afterwards, those of compacted files aside: their snapshots expire later. */
  readonly remove: { readonly files: number; readonly bytes: number };
  /** Earlier metadata files beyond those that are kept. */
  readonly metadataFiles: { readonly files: number; readonly bytes: number };
  /** Files that earlier maintenance let go of and could not remove. */
  readonly leftOver: number;
  /** Files in the table's folders that nobody knows and that are old enough: what lost attempts left. */
  readonly orphans: readonly { readonly path: string; readonly bytes: number }[];
  /** Why a table of newest versions is made anew from Bronze; absent where it is not, and for tables of Bronze. */
  readonly refold?: string;
  /** What is left as it is, and why. */
  readonly leaves: readonly string[];
}

/** Maintenance as decided and not yet done. A sealed value: its id is the hash of its text. */
export interface MaintenancePlan {
  readonly format: 'tidemark-maintenance-plan-1';
  readonly tables: readonly TablePlan[];
  readonly createdAt: string;
  readonly expiresAt: string;
}

export interface SealedMaintenancePlan {
  /** SHA-256 of `body`. */
  readonly planId: string;
  readonly body: string;
  readonly plan: MaintenancePlan;
}

/** Whether a table is as it should be. */
export function hasWork(plan: TablePlan): boolean {
  if (plan.refold !== undefined) return true;
  const files = plan.remove.files + plan.metadataFiles.files + plan.leftOver + plan.orphans.length;
  return changesTable(plan) || files > 0;
}

/** Whether the table's metadata have to be written anew. */
export function changesTable({ compact, mergeManifests, expire }: TablePlan): boolean {
  return compact.length + mergeManifests + expire.length > 0;
}
