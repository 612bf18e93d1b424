// A process of a machine of its own: node machine.ts <project> [<point> kill|wait]. Runs every manifest, prints each point that
// it comes to, and at the first such point kills itself, or waits for a line. Prints `ended` and what came of it last.
import { once } from 'node:events';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const [, , project = '.', point, act] = process.argv;
let isFirst = true;
await using tidemark = await openTidemark({
  project,
  onReached: async (reached) => {
    process.stdout.write(`${reached}\n`);
    if (reached !== point || !isFirst) return;
    isFirst = false;
    if (act === 'wait') {
      await once(process.stdin, 'data');
      process.stdin.pause();
      return;
    }
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined); // The signal is on its way; nothing after this line may run.
  },
});
const { runs, unopened } = await tidemark.run();
const told = runs.map(({ manifestId, state, failure }) => ({
  manifestId,
  state,
  code: failure?.code ?? null,
}));
process.stdout.write(
  `ended ${JSON.stringify({ runs: told, unopened: unopened.map(({ failure }) => failure.code) })}\n`,
);
