// Runs a project in a process of its own and prints what came of it: node run-project.ts <project> [manifest …]
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';

const [, , project = '.', ...manifestPaths] = process.argv;
await using tidemark = await openTidemark({ project });
const { runs, unopened } = await tidemark.run({ manifestPaths });
process.stdout.write(JSON.stringify({ runs, unopened }));
