import { type DataEngine, sqlList } from '../../bronze/data-engine.ts';
import { REJECTS_TABLE, SKIPS_TABLE } from '../../model/table-names.ts';
import type { Archive } from '../archive.ts';
import { liveFilesOf } from '../live-files.ts';
import { PayloadReader } from '../payload.ts';
import { openReadingEngine } from '../reading-engine.ts';
import { asReject, rejectsIn } from '../rejects.ts';
import {
  type FoundRecord,
  findRecords,
  fingerprintCondition,
  RECORDS_MAX,
  type RecordQuery,
} from './find-records.ts';
import { type FoundSkip, findSkips } from './find-skips.ts';
import { rejectsMentioning, skipsMentioning } from './mentioned-in-payload.ts';
import { recordStory } from './record-story.ts';
import { idProperties, type RecordTable, recordTables } from './record-tables.ts';
import { rejectionStory } from './rejection-story.ts';
import { skipStory } from './skip-story.ts';
import { STORIES_MAX, type Story } from './story.ts';

/**
 * Records by fingerprint, or by an id of their own: in the tables, among the rejections, among the skips. `byId` false
 * asks for fingerprints only, which spares reading the payloads of everything that was rejected.
 */
export async function recordStories(
  archive: Archive,
  { text, byId }: { text: string; byId: boolean },
): Promise<Story[]> {
  const tables = await recordTables(archive);
  const rejects = (await liveFilesOf(archive.catalog, REJECTS_TABLE)).map(({ path }) => path);
  const skips = (await liveFilesOf(archive.catalog, SKIPS_TABLE)).map(({ path }) => path);
  if (tables.length + rejects.length + skips.length === 0) return [];
  await using engine = await openReadingEngine(archive.limits);
  await using payloads = new PayloadReader(archive);
  const search = { archive, engine, payloads, tables, rejects, skips, text };
  const byFingerprint = /^[0-9a-f]{6,32}$/i.test(text) ? await fingerprintStories(search) : [];
  return byFingerprint.length > 0 || !byId ? byFingerprint : await idStories(search);
}

interface Search {
  readonly archive: Archive;
  readonly engine: DataEngine;
  readonly payloads: PayloadReader;
  readonly tables: readonly RecordTable[];
  /** Data files of the rejects and of the skips table. */
  readonly rejects: readonly string[];
  readonly skips: readonly string[];
  readonly text: string;
}

async function fingerprintStories(search: Search): Promise<Story[]> {
  const { archive, engine, payloads } = search;
  const text = search.text.toLowerCase();
  const records = await findAll(search, { kind: 'fingerprint', text });
  const where = fingerprintCondition(text);
  const told = await tellRecords(search, records);
  const skipped: FoundSkip[] = await Array.fromAsync(findSkips(engine, { paths: search.skips, where }));
  const kept = new Set(records.map(({ fingerprint }) => fingerprint));
  const stories = [...told, ...skipped.filter(({ fingerprint }) => !kept.has(fingerprint)).map(skipStory)];
  if (search.rejects.length > 0) {
    for await (const row of rejectsIn(engine, { paths: search.rejects, where: [where] })) {
      stories.push(await rejectionStory(archive, { reject: asReject(row), payloads }));
    }
  }
  return stories;
}

async function idStories(search: Search): Promise<Story[]> {
  const { archive, engine, payloads, text } = search;
  const whole = await findAll(search, { kind: 'id', text, whole: true });
  const records =
    whole.length > 0 || text.length < 6 ? whole : await findAll(search, { kind: 'id', text, whole: false });
  const stories = await tellRecords(search, records);
  const contracts = archive.contracts
    .all()
    .flatMap((reading) => (reading.kind === 'contract' ? [reading.contract] : []));
  const names = [...new Set(contracts.flatMap(idProperties))];
  const inPayloads = { engine, payloads, text, idProperties: names };
  for await (const reject of rejectsMentioning(inPayloads, search.rejects)) {
    stories.push(await rejectionStory(archive, { reject, payloads }));
  }
  for await (const skip of skipsMentioning(inPayloads, search.skips)) stories.push(skipStory(skip));
  return stories;
}

async function findAll({ engine, tables }: Search, query: RecordQuery): Promise<FoundRecord[]> {
  const records: FoundRecord[] = [];
  for (const table of tables) records.push(...(await findRecords(engine, { table, query })));
  return records;
}

async function tellRecords(search: Search, records: readonly FoundRecord[]): Promise<Story[]> {
  const { archive, engine, skips } = search;
  if (records.length === 0) return [];
  if (records.length > STORIES_MAX) return [candidates(records)];
  const fingerprints = sqlList(records.map(({ fingerprint }) => fingerprint));
  const where = `outcome = 'duplicate' AND list_contains(${fingerprints}, record_fingerprint)`;
  const duplicates = await Array.fromAsync(findSkips(engine, { paths: skips, where }));
  const stories: Story[] = [];
  for (const record of records) {
    const own = duplicates.filter(
      (skip) => skip.fingerprint === record.fingerprint && skip.table === record.table.table,
    );
    const versions = await versionsOf(search, record);
    stories.push(await recordStory(archive, { record, versions, duplicates: own, asked: search.text }));
  }
  return stories;
}

/** Every row with the record's business key, newest version first; the record alone where there is no key. */
async function versionsOf({ engine }: Search, record: FoundRecord): Promise<FoundRecord[]> {
  const [keyColumn] = record.table.idColumns;
  const key = keyColumn === undefined ? '' : (record.ids[keyColumn] ?? '');
  if (keyColumn === undefined || key === '') return [record];
  const table = { ...record.table, idColumns: [keyColumn] };
  return await findRecords(engine, { table, query: { kind: 'id', text: key, whole: true } });
}

function candidates(records: readonly FoundRecord[]): Story {
  const more = records.length > RECORDS_MAX ? `more than ${RECORDS_MAX}` : String(records.length);
  return {
    kind: 'candidates',
    title: `${more} records answer`,
    facts: [],
    related: records.map(({ table, ids, fingerprint }) => ({
      label: `bronze.${table.table}`,
      value: `${Object.values(ids)[0] ?? ''} ${fingerprint}`.trim(),
      query: fingerprint,
    })),
    next: null,
  };
}
