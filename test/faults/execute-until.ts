// A real process that executes a recovery plan and dies by SIGKILL at a restart point: node execute-until.ts <project> <verb> <plan> <point>
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import type { RecoveryVerb } from '../../tidemark/src/recovery/recovery-plan.ts';

const [, , project = '.', verb, planId = '', point] = process.argv;
await using tidemark = await openTidemark({
  project,
  onReached: async (reached) => {
    if (reached !== point) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined); // The signal is on its way; nothing after this line may run.
  },
});
await tidemark.executePlan({ verb: verb as RecoveryVerb, planId });
