import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { type PostgresServer, startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { insertTickets, TICKETS_TABLE } from '../../tidemark/src/testing/postgres-tickets.ts';
import {
  changed,
  day,
  findingOf,
  noteOf,
  relationProject,
  rowsOf,
} from '../../tidemark/src/testing/relation-desk.ts';
import { runOnly } from '../../tidemark/src/testing/run-project.ts';

let server: PostgresServer;
let url: string;
before(async () => {
  server = await startPostgres();
  url = await server.createDatabase('desk');
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`${TICKETS_TABLE};
    CREATE ROLE tenant LOGIN; CREATE ROLE keeper LOGIN; CREATE ROLE auditor LOGIN BYPASSRLS;
    GRANT pg_read_all_stats TO tenant, keeper, auditor;
    GRANT SELECT ON tickets TO tenant, auditor; ALTER TABLE tickets OWNER TO keeper;
    ALTER TABLE tickets ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON tickets USING (owner = 'mine');
    CREATE VIEW seen WITH (security_invoker) AS SELECT * FROM tickets;
    GRANT SELECT ON seen TO tenant`);
  await insertTickets(client, [
    changed(1, day(1), { owner: 'mine' }),
    changed(2, day(2), { owner: 'mine' }),
    changed(3, day(3), { owner: 'theirs' }),
  ]);
  await client.end();
});
after(async () => await server[Symbol.asyncDispose]());

const connectionOf = (role: string, settings = {}) => ({
  url: url.replace('postgres@', `${role}@`),
  queries: { mine: 'SELECT * FROM tickets' },
  ...settings,
});

describe('row-level security of PostgreSQL', () => {
  for (const [what, location] of [
    ['a table', 'postgres:desk?table=public.tickets'],
    ['a table below a view', 'postgres:desk?table=public.seen'],
    ['a query', 'postgres:desk?query=mine'],
  ] as const)
    it(`hides rows of ${what}: it is refused, unless that is accepted, and then it is told`, async () => {
      const of = await relationProject(connectionOf('tenant'), location);
      await using project = of.project;
      const refused = await runOnly(project);
      assert.equal(refused.state, 'failed');
      assert.match(
        findingOf(refused),
        /^TM4738 desk, .*: rows may be hidden from this role: .*row-level security policy for table "tickets"/,
      );
      assert.match(refused.assets[0]?.next ?? '', /BYPASSRLS.*row_security: accept/);
      assert.deepEqual(await rowsOf(project), []);
      for (const [settings, note] of [
        [{ load_mode: 'full_snapshot' }, /row-level security applies/],
        [{}, /row-level security applies: .*are not read/],
      ] as const) {
        await of.declare(location, settings);
        await configure(project, {
          connections: { desk: connectionOf('tenant', { row_security: 'accept' }) },
        });
        const accepted = await runOnly(project);
        assert.match(noteOf(accepted), note, findingOf(accepted));
      }
      assert.equal((await rowsOf(project)).length, 2);
    });

  it('that applies to nobody who reads changes nothing', async () => {
    for (const role of ['auditor', 'keeper', 'postgres'])
      for (const settings of [{}, { row_security: 'accept' }, { row_security: 'refuse' }]) {
        const of = await relationProject(connectionOf(role, settings), 'postgres:desk?table=public.tickets');
        await using project = of.project;
        const report = await runOnly(project);
        assert.equal(report.recordTally.accepted, 3, findingOf(report));
        assert.doesNotMatch(noteOf(report), /row-level/);
      }
  });
});
