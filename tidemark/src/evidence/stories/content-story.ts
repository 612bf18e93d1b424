import { objectKey } from '../../landing/home.ts';
import { hasObject } from '../../landing/store-object.ts';
import type { Archive } from '../archive.ts';
import { nextCommand } from '../next-command.ts';
import { facts, related, type Story } from './story.ts';

/** One version of content: where its bytes are, who delivered them, what was made of them. */
export async function contentStory({ catalog, home }: Archive, sha256: string): Promise<Story> {
  const object = await catalog
    .selectFrom('objects')
    .selectAll()
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  const receipts = await catalog
    .selectFrom('receipts')
    .selectAll()
    .where('sha256', '=', sha256)
    .orderBy('received_at')
    .execute();
  const units = await catalog
    .selectFrom('units')
    .select(['unit_key', 'table_name', 'source_id', 'state', 'committed_by', 'prepared_by'])
    .where('source_fingerprint', '=', sha256)
    .where('state', '<>', 'discarded')
    .orderBy('prepared_at')
    .execute();
  const stored =
    object !== undefined &&
    (await hasObject({ path: home.objectPath(object.zone, sha256), sizeBytes: object.size_bytes }));
  const missing = object !== undefined && !stored;
  return {
    kind: 'content',
    title: `content ${sha256}${object === undefined ? ': no bytes were received' : ''}`,
    facts: facts({
      zone: object?.zone,
      object: object && objectKey(object.zone, sha256),
      size: object && `${object.size_bytes} bytes`,
      'media type': object?.media_type,
      'stored at': object?.stored_at,
      'on disk': object && (stored ? 'yes, in its full size' : 'NO: missing or of another size'),
    }),
    related: [
      ...related({ 'first received by': object?.first_run_id }),
      ...receipts.map((receipt) => ({
        label: `received as ${receipt.role}`,
        value: `${receipt.source_id} from ${receipt.declared_path} (${receipt.received_at})`,
        query: receipt.source_id,
      })),
      ...units.map((unit) => ({
        label: `${unit.state} unit`,
        value: `${unit.unit_key.slice(0, 16)}… of ${unit.source_id} in bronze.${unit.table_name}`,
        query: unit.unit_key,
      })),
    ],
    next: missing ? nextCommand('reconcile', '--hash') : null,
  };
}
