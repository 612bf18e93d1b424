// Runs the main job and the tests of recovery, crashes and races again as production has it. Words name other test files to run so.
import { runWithServices } from './with-services.ts';

const FILES = [
  'test/flows/main-job.test.ts',
  'test/flows/recovery.test.ts',
  'test/faults/concurrency.test.ts',
  'test/faults/crash.test.ts',
  'test/faults/current-by-key.test.ts',
  'test/faults/lost-before-proof.test.ts',
  'test/faults/maintain.test.ts',
  'test/faults/prepared-units.test.ts',
];

const named = process.argv.slice(2);
process.exitCode = await runWithServices([
  '--import',
  './test/property-seed.ts',
  '--test',
  ...(named.length > 0 ? named : FILES),
]);
