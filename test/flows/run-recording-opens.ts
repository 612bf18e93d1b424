// Runs a project and prints every path that was opened meanwhile: node run-recording-opens.ts <project>
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const opened: string[] = [];

/** Notes the first argument of each call; everything that reads a file's bytes goes through one of these. */
function record<Module extends object>(module: Module, names: readonly (keyof Module)[]): void {
  for (const name of names) {
    const original = module[name] as (...values: unknown[]) => unknown;
    const noted = (...values: unknown[]) => {
      opened.push(String(values[0]));
      return original.apply(module, values);
    };
    module[name] = Object.assign(noted, original) as Module[keyof Module];
  }
}
record(fs, ['open', 'openSync', 'readFile', 'readFileSync', 'createReadStream']);
record(fsPromises, ['open', 'readFile']);
syncBuiltinESMExports();

const { openTidemark } = await import('../../tidemark/src/open-tidemark.ts');
{
  await using tidemark = await openTidemark({ project: process.argv[2] ?? '.' });
  const { runs } = await tidemark.run();
  const report = process.report.getReport() as unknown as { sharedObjects: string[] };
  const engines = report.sharedObjects.filter((path) => path.includes('duckdb'));
  process.stdout.write(JSON.stringify({ runs, opened, engines }));
}
