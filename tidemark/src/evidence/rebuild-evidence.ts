import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeUnit } from '../bronze/prepared-unit.ts';
import { filesInTable, isRowOf } from '../bronze/unit-rows.ts';
import { findRun, type RunRow } from '../catalog/runs.ts';
import { unitsCommittedBy } from '../catalog/units.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import { ConfigurationError } from '../errors/tidemark-error.ts';
import { moveDurably, writeDurably } from '../landing/durable-files.ts';
import { nullUnlessAway } from '../landing/store/away.ts';
import type { Archive } from './archive.ts';
import { parseReport } from './batch-standings.ts';
import { entriesOfRun, entryHash, type SealedEntry } from './chain.ts';
import { openReadingEngine } from './reading-engine.ts';
import { renderReport } from './render-report.ts';
import type { RunReport } from './run-report.ts';
import { sealedFiles } from './sealed-files.ts';
import { ROW_FILES, sumOfFile, sumOfText, writeRows } from './write-evidence.ts';

export interface EvidenceRebuild {
  readonly runId: string;
  /** Files that were missing or altered and are as sealed again. */
  readonly restored: readonly string[];
  /** Files that were as sealed and were left alone. */
  readonly intact: readonly string[];
  /** Files that cannot be made again as they were sealed; what lies there was left as it is. */
  readonly lost: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Makes the files of a run's evidence folder again, from the chain, the catalog and the tables. Only what comes out with
 * its sealed sum takes its place, so evidence is never replaced by anything but itself.
 * @throws ConfigurationError not_found for a run that sealed nothing
 */
export async function rebuildEvidence(archive: Archive, runId: string): Promise<EvidenceRebuild> {
  const { catalog, home } = archive;
  const run = await findRun(catalog, runId);
  const entries = await entriesOfRun(catalog, runId);
  if (run === null || entries.length === 0) throw nothingSealed(runId);
  const folder = join(home.evidenceDir, runId);
  const draft = home.scratchDir(`evidence-${runId}`);
  const restored: string[] = [];
  const intact: string[] = [];
  const lost: { name: string; why: string }[] = [];
  try {
    for (const [name, sum] of sealedFiles(entries)) {
      if ((await sumOfFile(join(folder, name)).catch(nullUnlessAway)) === sum) {
        intact.push(name);
        continue;
      }
      const why = await make(archive, { name, sum, run, entries, draft });
      if (why !== null) {
        lost.push({ name, why });
        continue;
      }
      await moveDurably({ from: join(draft, name), to: join(folder, name) });
      restored.push(name);
    }
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return { runId, restored, intact, lost };
}

/** Writes a file into the draft folder. @returns why it could not be made as it was sealed, null when it was */
async function make(
  archive: Archive,
  file: {
    name: string;
    sum: string;
    run: RunRow;
    entries: readonly SealedEntry[];
    draft: string;
  },
): Promise<string | null> {
  const { name, sum, entries, draft } = file;
  const entry = entries.find(({ kind }) => `${kind}.json` === name);
  if (entry !== undefined && entryHash(entry) !== entry.hash) return 'its entry in the chain was altered';
  const text = entry?.body ?? (name === 'report.md' ? reportOf(file.run) : null);
  if (text !== null) {
    if (sumOfText(text) !== sum) return 'the catalog does not give it as it was sealed';
    await writeDurably(join(draft, name), text);
    return null;
  }
  const made = await makeRows(archive, { name, runId: file.run.runId, draft });
  if (made.kind === 'failed') return made.why;
  return made.sum === sum ? null : 'the tables do not give it as it was sealed';
}

function reportOf(run: RunRow): string {
  try {
    return renderReport(parseReport(run.result) as RunReport); // Its sum tells whether it was whole.
  } catch {
    return '';
  }
}

async function makeRows(
  { catalog, limits }: Archive,
  { name, runId, draft }: { name: string; runId: string; draft: string },
): Promise<{ kind: 'made'; sum: string } | { kind: 'failed'; why: string }> {
  const rows = ROW_FILES.find((entry) => entry.name === name);
  if (rows === undefined) return { kind: 'failed', why: 'this release does not know how it was made' };
  const units = (await unitsCommittedBy(catalog, runId)).map(decodeUnit);
  const files = [
    ...new Set(units.flatMap((unit) => filesInTable(unit, rows.table)?.files.map(({ uri }) => uri) ?? [])),
  ];
  try {
    await using engine = await openReadingEngine(limits);
    const { orderBy } = rows;
    const where = isRowOf(units);
    const written = await writeRows(engine, { folder: draft, name, files, orderBy, where });
    return { kind: 'made', sum: written[name] ?? '' };
  } catch (error) {
    return { kind: 'failed', why: (error as Error).message };
  }
}

function nothingSealed(runId: string): ConfigurationError {
  return new ConfigurationError({
    code: ERROR_CODES.not_found,
    message: `The evidence chains have no entry of run ${runId}, so there is no folder of it to make.`,
    next: 'tidemark status',
  });
}
