/**
 * Takes in the Parquet file that parquet-source.py wrote:
 *
 *   node take-parquet.ts <project folder> <file>
 */
import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const [root = '', file = ''] = process.argv.slice(2);
if (file === '') throw new Error('usage: take-parquet.ts <project folder> <file>');

const CONTRACT = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:interop:columns:v1',
  type: 'object',
  required: ['id', 'at'],
  properties: {
    id: { type: 'integer' },
    total: { type: 'number' },
    ratio: { type: 'number' },
    paid: { type: 'boolean' },
    note: { type: 'string' },
    kind: { enum: ['open', 'closed'] },
    day: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    seen: { type: 'string', format: 'date-time' },
    tags: { type: 'array', items: { type: ['string', 'null'] } },
    inside: {
      type: 'object',
      properties: {
        count: { type: 'integer' },
        words: { type: 'array', items: { type: 'string' } },
      },
      additionalProperties: false,
    },
    by_name: { type: 'object' },
    bytes: { type: 'string' },
  },
  additionalProperties: false,
  'x-tidemark': { table: 'columns', business_key: 'id', event_time: 'at' },
};

for (const folder of ['contracts/data', 'data/seed_manifests', 'exports'])
  await mkdir(join(root, folder), { recursive: true });
await cp(file, join(root, 'exports/columns.parquet'));
await writeFile(join(root, 'contracts/data/columns.json'), JSON.stringify(CONTRACT));
const manifest = {
  schema_version: 'source_manifest_v2',
  manifest_id: 'columns',
  batch_id: 'one',
  owner: 'interop',
  created_at: '2026-03-01T00:00:00Z',
  license_tag: 'public',
  contract_ref: CONTRACT.$id,
  load_mode: 'full_snapshot',
  assets: [
    {
      source_id: 'columns',
      source: 'exports/columns.parquet',
      asset_type: 'parquet',
      format: { binary: 'base64', zone: 'utc' },
    },
  ],
};
await writeFile(join(root, 'data/seed_manifests/columns.json'), JSON.stringify(manifest));

await using tidemark = await openTidemark({ project: root });
const { runs } = await tidemark.run();
assert.deepEqual(
  runs.map(({ state }) => state),
  ['committed'],
  JSON.stringify(runs.map(({ failure, assets }) => [failure, assets.map(({ findings }) => findings)])),
);
assert.deepEqual((await tidemark.verify()).symptoms, []);
