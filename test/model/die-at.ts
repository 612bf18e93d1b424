// A real process that makes the run of a crash comparison and dies by SIGKILL at a restart point: node die-at.ts <project> <point> <nth> <clock>
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { tickingClock } from './ticking-clock.ts';

const [, , project = '.', point, nth, startMs] = process.argv;
let seen = 0;
await using tidemark = await openTidemark({
  project,
  clock: tickingClock(Number(startMs)),
  onReached: async (reached) => {
    if (reached === point) seen += 1;
    if (reached !== point || seen !== Number(nth)) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined); // The signal is on its way; nothing after this line may run.
  },
});
await tidemark.run();
