import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { type PostgresServer, startPostgres } from '../testing/postgres-server.ts';
import type { Catalog } from './catalog.ts';
import { holdersOf } from './holders.ts';
import { acquireLease, assertLease } from './leases.ts';
import { openCatalog, openSnapshot } from './open-catalog.ts';

const HOLD_LEASE = fileURLToPath(new URL('../testing/hold-lease.ts', import.meta.url));
const NOW = '2026-04-01T00:00:00Z';

let server: PostgresServer;
let databases = 0;
before(async () => {
  server = await startPostgres();
});
after(async () => await server[Symbol.asyncDispose]());

async function newLocation() {
  databases += 1;
  return { kind: 'postgres', url: await server.createDatabase(`catalog_${databases}`) } as const;
}

/** A new catalog, its connections closed with `await using`. */
async function newCatalog() {
  const location = await newLocation();
  const catalog = await openCatalog(location, { readOnly: false });
  return { location, catalog, [Symbol.asyncDispose]: () => catalog.destroy() };
}

async function putLease(catalog: Catalog, resource: string, epoch = 1): Promise<void> {
  const values = { epoch, holder_run_id: '', holder: '{}', acquired_at: NOW };
  await catalog
    .insertInto('leases')
    .values({ resource, ...values })
    .execute();
}

describe('a catalog in PostgreSQL', () => {
  it('is made once, however many open it at the same time', async () => {
    const location = await newLocation();
    const opened = await Promise.all(
      Array.from({ length: 5 }, () => openCatalog(location, { readOnly: false })),
    );
    for (const catalog of opened) {
      assert.deepEqual(await catalog.selectFrom('runs').selectAll().execute(), []);
      await catalog.destroy();
    }
  });

  it('where nothing ever ran reads as empty, and stays so', async () => {
    const location = await newLocation();
    const reader = await openCatalog(location, { readOnly: true });
    assert.deepEqual(await reader.selectFrom('runs').selectAll().execute(), []);
    await reader.destroy();
    assert.equal(await openSnapshot(location), null);
  });

  it('is not written to by whoever opens it to read', async () => {
    await using made = await newCatalog();
    const reader = await openCatalog(made.location, { readOnly: true });
    await assert.rejects(putLease(reader, 'a'), /read-only transaction/);
    await reader.destroy();
  });

  it('gives whole numbers, refuses one that no number here holds, and orders text by its bytes', async () => {
    await using made = await newCatalog();
    const { catalog } = made;
    for (const resource of ['b', 'B', 'ä', 'a', '_']) await putLease(catalog, resource, 2 ** 40);
    const rows = await catalog
      .selectFrom('leases')
      .select(['resource', 'epoch'])
      .orderBy('resource')
      .execute();
    assert.deepEqual(
      rows.map(({ resource }) => resource),
      ['B', '_', 'a', 'b', 'ä'],
    );
    assert.equal(rows[0]?.epoch, 2 ** 40);
    const { total } = await catalog
      .selectFrom('leases')
      .select((of) => of.fn.sum<number>('epoch').as('total'))
      .executeTakeFirstOrThrow();
    assert.equal(total, 5 * 2 ** 40);
    await sql`UPDATE leases SET epoch = 9007199254740993`.execute(catalog);
    await assert.rejects(catalog.selectFrom('leases').selectAll().execute(), /9007199254740993/);
  });

  it('is read as it was at one moment, whatever is committed meanwhile', async () => {
    await using made = await newCatalog();
    await putLease(made.catalog, 'a');
    const snapshot = await openSnapshot(made.location);
    assert.ok(snapshot);
    await putLease(made.catalog, 'b');
    assert.equal((await snapshot.selectFrom('leases').selectAll().execute()).length, 1);
    await snapshot.destroy();
  });

  it('loses no change when many change one row at once: each reads what the one before it wrote', async () => {
    await using made = await newCatalog();
    await putLease(made.catalog, 'a', 0);
    const others = await Promise.all(
      Array.from({ length: 3 }, () => openCatalog(made.location, { readOnly: false })),
    );
    const raise = async (catalog: Catalog) =>
      await catalog.transaction().execute(async (tx) => {
        const { epoch } = await tx.selectFrom('leases').select('epoch').executeTakeFirstOrThrow();
        await tx
          .updateTable('leases')
          .set({ epoch: epoch + 1 })
          .execute();
      });
    await Promise.all(others.flatMap((catalog) => Array.from({ length: 10 }, () => raise(catalog))));
    assert.equal((await made.catalog.selectFrom('leases').select('epoch').executeTakeFirst())?.epoch, 30);
    for (const catalog of others) await catalog.destroy();
  });

  it('of a newer release is not touched', async () => {
    await using made = await newCatalog();
    await sql`UPDATE tidemark_meta SET value = '999'`.execute(made.catalog);
    for (const readOnly of [true, false])
      await assert.rejects(openCatalog(made.location, { readOnly }), {
        code: 'TM5002',
        message: /version 999/,
      });
  });

  it('that does not answer is named without its password, and nothing waits for ever', async () => {
    const url = 'postgres://someone:secret@127.0.0.1:1/tidemark?sslpassword=secret';
    await assert.rejects(openCatalog({ kind: 'postgres', url }, { readOnly: false }), (error: Error) => {
      assert.match(error.message, /postgres:\/\/someone@127\.0\.0\.1:1\/tidemark does not answer/);
      assert.doesNotMatch(`${error.message} ${error.stack}`, /secret/);
      return true;
    });
  });
});

describe('a lease on a catalog in PostgreSQL', () => {
  it('is held while its process lives, wherever that is, and superseded as soon as it was killed', async () => {
    await using made = await newCatalog();
    const lease = { resource: 'manifest:m', runId: 'run-here', now: NOW };
    const child = spawn(process.execPath, [HOLD_LEASE, made.location.url, lease.resource], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    assert.equal(String((await once(child.stdout, 'data'))[0]), 'held\n');
    assert.equal((await acquireLease(made.catalog, lease)).kind, 'busy');
    child.kill('SIGKILL');
    await once(child, 'exit');
    // The server notices the closed connection when it gets to it.
    let taken = await acquireLease(made.catalog, lease);
    while (taken.kind === 'busy') taken = await acquireLease(made.catalog, lease);
    assert.equal(taken.supersededRunId, 'run-elsewhere');
    assert.equal(taken.lease.epoch, 2);
  });

  it('outlives a restart of the server, which its holder survives', async () => {
    await using made = await newCatalog();
    const taken = await acquireLease(made.catalog, { resource: 'manifest:m', runId: 'run-here', now: NOW });
    assert.ok(taken.kind === 'held');
    const self = await holdersOf(made.catalog).self();
    await server.kill();
    await server.start();
    assert.ok(await holdersOf(made.catalog).isAlive(self));
    await made.catalog.transaction().execute((tx) => assertLease(tx, taken.lease));
  });
});
