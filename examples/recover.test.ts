import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { heads } from '../tidemark/src/testing/read-tables.ts';
import { homeOf, runOnly } from '../tidemark/src/testing/run-project.ts';
import { jsonLines, sampleProject, ticket } from '../tidemark/src/testing/sample-project.ts';

it('the example finds a lost data file and has it written again', async () => {
  await using project = await sampleProject();
  const content = jsonLines([ticket(1), ticket(2)]);
  const asset = await project.asset({ source_id: 'helpdesk', path: 'data/t.jsonl', content });
  await project.manifest('m', { assets: [asset] });
  await runOnly(project);
  const before = await heads(homeOf(project));
  const data = join(homeOf(project), 'warehouse/bronze/ticket/data');
  for (const file of await readdir(data)) await rm(join(data, file), { recursive: true });

  const example = fileURLToPath(new URL('recover.ts', import.meta.url));
  const printed = execFileSync(process.execPath, [example, project.root], { encoding: 'utf8' });
  assert.match(printed, /batch-m: verb, because data files are damaged/);
  assert.match(printed, /helpdesk: restore/);
  assert.match(printed, /replay: committed/);
  assert.notDeepEqual(await heads(homeOf(project)), before);
});
