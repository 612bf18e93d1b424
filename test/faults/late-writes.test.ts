import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { openTidemark } from '../../tidemark/src/open-tidemark.ts';
import { configure } from '../../tidemark/src/testing/configure.ts';
import { startPostgres } from '../../tidemark/src/testing/postgres-server.ts';
import { tablesAsSeen } from '../../tidemark/src/testing/read-tables.ts';
import { homeOf } from '../../tidemark/src/testing/run-project.ts';
import { s3Server } from '../../tidemark/src/testing/s3-server.ts';
import { jsonLines, sampleProject, ticket } from '../../tidemark/src/testing/sample-project.ts';
import { serviceSettings } from '../../tidemark/src/testing/services.ts';
import { startMachine } from './start-machine.ts';

/** A way to a server of this machine that can be cut. */
async function wayTo(port: number): Promise<{ port: number; cut(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => undefined);
      socket.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cut: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('a machine that is cut off from PostgreSQL, and not from S3', () => {
  it('puts nothing over what its successor has sealed, however late its write comes', async () => {
    await using postgres = await startPostgres();
    await using s3 = await s3Server({ pageKeys: 50 });
    const way = await wayTo(Number(new URL(postgres.url).port));
    const settings = await serviceSettings('late', { postgres: postgres.url, s3: s3.endpoint });
    const catalog = `${postgres.url}/late`;
    await using first = await sampleProject();
    await using second = await sampleProject();
    for (const [project, url] of [
      [first, catalog.replace(/:\d+\//, `:${way.port}/`)],
      [second, catalog],
    ] as const) {
      await configure(project, { ...settings, catalog: url });
      const content = jsonLines([ticket(1), ticket(2)]);
      const asset = await project.asset({ source_id: 'desk', path: 'data/m.jsonl', content });
      await project.manifest('m', { assets: [asset] });
    }
    let successor: Awaited<ReturnType<ReturnType<typeof startMachine>['ended']>> = null;
    let isCut = false;
    s3.fault = async ({ operation, key }) => {
      if (isCut || operation !== 'PutObject' || !key.includes('/ledger/')) return null;
      isCut = true;
      way.cut();
      successor = await startMachine(second).ended();
      return null;
    };
    await using cutOff = startMachine(first);
    const ended = await cutOff.ended();
    assert.deepEqual(
      (successor as Awaited<typeof ended>)?.runs.map(({ state }) => state),
      ['committed'],
    );
    assert.equal(ended?.runs.filter(({ state }) => state === 'committed').length ?? 0, 0);
    await using tidemark = await openTidemark({ project: second.root });
    assert.deepEqual((await tidemark.verifyEvidence()).findings, []);
    assert.equal((await tablesAsSeen(homeOf(second))).ticket?.length, 2);
    assert.deepEqual((await tidemark.verify()).symptoms, []);
  });
});
