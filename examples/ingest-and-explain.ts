// Runs a project's manifests through the library and explains every asset that did not simply go in.
//   node examples/ingest-and-explain.ts [project folder] [home folder]
// In an installed project the import reads: import { openTidemark } from 'tidemark';
import { openTidemark } from '../tidemark/src/index.ts';

const [, , project = '.', home] = process.argv;

await using tidemark = await openTidemark({
  project,
  ...(home === undefined ? {} : { home }),
  onEvent: (event) => {
    if (event.kind === 'run_started') console.log(`${event.manifestId}: ${event.assets} assets`);
  },
});

const { plans } = await tidemark.plan();
const planned = plans.flatMap((plan) => plan.assets);
console.log(
  `planned: ${planned.filter((asset) => asset.action === 'ingest').length} of ${planned.length} would go in`,
);

const { runs, tables } = await tidemark.run();
for (const run of runs) {
  for (const asset of run.assets) {
    if (asset.outcome === 'committed' && asset.reasons.length === 0) continue;
    const why = [...asset.findings, ...asset.reasons].map((reason) => reason.message).join('; ');
    console.log(`  ${asset.sourceId}: ${asset.outcome}. ${why || (asset.note ?? '')}`);
  }
  const { read, accepted, duplicate, rejected } = run.recordTally;
  console.log(
    `  ${run.state}: ${read} read, ${accepted} accepted, ${duplicate} duplicate, ${rejected} rejected`,
  );
}
for (const table of tables) console.log(`bronze.${table.table}: ${table.totalRecords} rows`);
