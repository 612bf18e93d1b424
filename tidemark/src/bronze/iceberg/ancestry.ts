import { currentSnapshot, type TableMetadata, type TableSnapshot } from './table-metadata.ts';

/** From the head back to the first; bounded, since another writer's parents might form a ring. */
export function* ancestry({ metadata }: { readonly metadata: TableMetadata }): Generator<TableSnapshot> {
  const byId = new Map(metadata.snapshots.map((snapshot) => [snapshot['snapshot-id'], snapshot]));
  let snapshot = currentSnapshot(metadata) ?? undefined;
  for (let steps = metadata.snapshots.length; snapshot !== undefined && steps > 0; steps -= 1) {
    yield snapshot;
    const parent = snapshot['parent-snapshot-id'];
    snapshot = parent === undefined || parent === null ? undefined : byId.get(parent);
  }
}
