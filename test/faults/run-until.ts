// A real process that runs a project and dies by SIGKILL at a restart point: node run-until.ts <project> <manifest> <point> <nth>
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const [, , project, manifest = '', point, nth = '1'] = process.argv;
let seen = 0;
await using tidemark = await openTidemark({
  project: project ?? '.',
  onReached: async (reached) => {
    if (reached !== point) return;
    seen += 1;
    if (seen !== Number(nth)) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined); // The signal is on its way; nothing after this line may run.
  },
});
const { runs, unopened } = await tidemark.run({ manifestPaths: [manifest] });
process.stdout.write(JSON.stringify({ runs, unopened }));
