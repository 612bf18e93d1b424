// Runs the main job and the tests of incremental loads, recovery, incidents, crashes and races again as production has it.
// Words name other test files to run so.
import { availableParallelism } from 'node:os';
import { runWithServices } from './with-services.ts';

/**
 * What is not among them, and why. Run as they are elsewhere: safekeeping, relocation and old-home are about a catalog that
 * is a file, and homes that move; history harms columns of a data file in place; the other flows of formats (compressed,
 * delimited, encoded, JSON arrays, Parquet, Singer, APIs) are over before anything durable is written. s3-store, both, has a
 * store of its own, and postgres, postgres-calls and database-catalog servers of their own.
 */
const FILES = [
  'test/flows/main-job.test.ts',
  'test/flows/recovery.test.ts',
  'test/flows/recipes.test.ts',
  'test/flows/verify.test.ts',
  'test/flows/diagnose.test.ts',
  'test/flows/incidents.test.ts',
  'test/flows/next-morning.test.ts',
  'test/flows/folder-source.test.ts',
  'test/flows/table-source.test.ts',
  'test/flows/progress.test.ts',
  'test/flows/partitions.test.ts',
  'test/flows/cursor-property.test.ts',
  'test/flows/null-cursor.test.ts',
  'test/flows/backfilled-batch.test.ts',
  'test/flows/held-before-it-came.test.ts',
  'test/flows/lost-neighbours.test.ts',
  'test/flows/lost-compacted-file.test.ts',
  'test/flows/batches-without-rows.test.ts',
  'test/flows/schema-drift.test.ts',
  'test/flows/several-at-once.test.ts',
  'test/faults/concurrency.test.ts',
  'test/faults/crash.test.ts',
  'test/faults/current-by-key.test.ts',
  'test/faults/late-writes.test.ts',
  'test/faults/lost-before-proof.test.ts',
  'test/faults/maintain.test.ts',
  'test/faults/prepared-units.test.ts',
];

const named = process.argv.slice(2);
process.exitCode = await runWithServices([
  '--import',
  './test/property-seed.ts',
  '--test',
  `--test-concurrency=${availableParallelism()}`,
  ...(named.length > 0 ? named : FILES),
]);
