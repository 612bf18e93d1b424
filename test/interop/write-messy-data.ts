/**
 * Takes in public data as it is published, mistakes and all, with contracts of one's own, for another reader to check:
 *
 *   node write-messy-data.ts <folder> <data folder of the vega-datasets package>
 *
 * `movies.json` has titles that are numbers and one that is missing; `birdstrikes.csv` ends its lines with CRLF, holds rows
 * twice, leaves cells empty and has spaces and `$` in its header; `airports.zip` holds a table with commas within quotes, as Python packs it.
 */
import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const [root = '', data = ''] = process.argv.slice(2);
if (data === '') throw new Error('usage: write-messy-data.ts <folder> <data folder>');

const text = { type: ['string', 'null'] };
const integer = { type: ['integer', 'null'] };
const number = { type: ['number', 'null'] };
const required = { type: 'string' };

const SOURCES = {
  movies: {
    file: 'movies.json',
    type: 'json',
    key: 'Title',
    properties: {
      Title: required,
      'US Gross': integer,
      'Worldwide Gross': integer,
      'US DVD Sales': integer,
      'Production Budget': integer,
      'Release Date': text,
      'MPAA Rating': text,
      'Running Time min': integer,
      Distributor: text,
      Source: text,
      'Major Genre': text,
      'Creative Type': text,
      Director: text,
      'Rotten Tomatoes Rating': integer,
      'IMDB Rating': number,
      'IMDB Votes': integer,
    },
  },
  birdstrikes: {
    file: 'birdstrikes.csv',
    type: 'csv',
    key: 'Airport Name',
    properties: {
      'Airport Name': required,
      'Aircraft Make Model': text,
      'Effect Amount of damage': text,
      'Flight Date': { type: 'string', format: 'date' },
      'Aircraft Airline Operator': text,
      'Origin State': text,
      'Phase of flight': text,
      'Wildlife Size': text,
      'Wildlife Species': text,
      'Time of day': text,
      'Cost Other': integer,
      'Cost Repair': integer,
      'Cost Total $': integer,
      'Speed IAS in knots': integer,
    },
  },
  airports: {
    file: 'airports.zip',
    type: 'csv',
    key: 'iata',
    properties: {
      iata: required,
      name: text,
      city: text,
      state: text,
      country: text,
      latitude: number,
      longitude: number,
    },
  },
};

for (const folder of ['contracts/data', 'data/seed_manifests', 'published'])
  await mkdir(join(root, folder), { recursive: true });
for (const [name, { file, type, key, properties }] of Object.entries(SOURCES)) {
  await cp(join(data, file), join(root, 'published', file));
  const contract = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:published:${name}:v1`,
    type: 'object',
    required: [key],
    properties,
    additionalProperties: false,
    'x-tidemark': { table: name, business_key: key },
  };
  await writeFile(join(root, 'contracts/data', `${name}.json`), JSON.stringify(contract));
  const manifest = {
    schema_version: 'source_manifest_v2',
    manifest_id: name,
    batch_id: 'published',
    owner: 'interop',
    created_at: '2026-03-01T00:00:00Z',
    license_tag: 'public',
    contract_ref: contract.$id,
    load_mode: 'full_snapshot',
    assets: [{ source_id: name, source: `published/${file}`, asset_type: type }],
  };
  await writeFile(join(root, 'data/seed_manifests', `${name}.json`), JSON.stringify(manifest));
}

await using tidemark = await openTidemark({ project: root });
for (const state of ['committed', 'nothing_to_commit']) {
  const { runs, refused, unopened } = await tidemark.run();
  assert.deepEqual([refused, unopened], [[], []]);
  for (const run of runs) {
    assert.equal(run.state, state, `${run.manifestId}: ${JSON.stringify(run.failure)}`);
    assert.notEqual(run.reconciliation?.verdict, 'fail', run.manifestId);
  }
}
assert.deepEqual((await tidemark.verify()).symptoms, []);
