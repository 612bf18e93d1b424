// Does what mends each batch of a project, as `tidemark recover` names it: plan, look, execute.
//   node examples/recover.ts [project folder] [home folder]
// In an installed project the import reads: import { openTidemark } from 'tidemark';
import { openTidemark } from '../tidemark/src/index.ts';

const [, , project = '.', home] = process.argv;

await using tidemark = await openTidemark({ project, ...(home === undefined ? {} : { home }) });

for (const { manifestId, batchId, recommendation, next } of await tidemark.advise()) {
  if (recommendation.kind === 'none') continue;
  console.log(`${batchId}: ${recommendation.kind}, because ${recommendation.reason}`);
  if (recommendation.kind !== 'verb') {
    console.log(`  next: ${next}`); // Something that a person should look at first.
    continue;
  }
  const { verb, reason } = recommendation;
  const { planId, plan } = await tidemark.planRecovery({ manifestId, batchId, verb, reason });
  for (const source of plan.sources) console.log(`  ${source.sourceId}: ${source.action}, ${source.why}`);
  const report = await tidemark.executePlan({ verb, planId });
  console.log(`  ${verb}: ${report.state}`);
}
