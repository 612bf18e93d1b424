// Runs a project whose process has no file handle left when the first source is to be read. With `release` they come
// back after the first failed attempt, else after the last. Prints the report. node run-out-of-handles.ts <project> [release]
import { closeSync, openSync } from 'node:fs';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const [, , project = '.', release] = process.argv;
const taken: number[] = [];
const free = () => {
  for (const handle of taken.splice(0)) closeSync(handle);
};
await using tidemark = await openTidemark({
  project,
  onReached: (point) => {
    if (point !== 'run_opened') return;
    try {
      for (;;) taken.push(openSync('/dev/null', 'r'));
    } catch {
      // None is left.
    }
  },
  onEvent: (event) => {
    // Ending a run takes handles too.
    if (event.kind === (release === 'release' ? 'attempt_failed' : 'asset_ended')) free();
  },
});
const { runs } = await tidemark.run();
process.stdout.write(JSON.stringify(runs));
