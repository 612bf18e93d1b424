// A process of its own that takes a lease and keeps it: node hold-lease.ts <postgres url> <resource>
import { acquireLease } from '../catalog/leases.ts';
import { openCatalog } from '../catalog/open-catalog.ts';

const [, , url = '', resource = ''] = process.argv;
const catalog = await openCatalog({ kind: 'postgres', url }, { readOnly: false });
const { kind } = await acquireLease(catalog, {
  resource,
  runId: 'run-elsewhere',
  now: '2026-01-01T00:00:00Z',
});
process.stdout.write(`${kind}\n`);
process.stdin.resume();
