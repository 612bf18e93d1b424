// A real process that executes a maintenance plan and dies by SIGKILL at a point: node maintain-until.ts <project> <plan> <point>
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const [, , project = '.', planId = '', point] = process.argv;
await using tidemark = await openTidemark({
  project,
  onReached: async (reached) => {
    if (reached !== point) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined); // The signal is on its way; nothing after this line may run.
  },
});
await tidemark.executeMaintenance({ planId });
