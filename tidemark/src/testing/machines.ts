import { randomUUID } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { basename } from 'node:path';
import { configure } from './configure.ts';
import { startPostgres } from './postgres-server.ts';
import { type SampleProject, sampleProject } from './sample-project.ts';
import { serviceSettings } from './services.ts';
import { startS3 } from './start-s3.ts';

/** One PostgreSQL and one S3 that machines share, each a process of its own. */
export interface Machines extends AsyncDisposable {
  /** A project whose catalog and store are there. */
  project(): Promise<SampleProject>;
  /** The URL of a database that nothing is in. */
  emptyDatabase(): Promise<string>;
  /** The same project on another machine: its settings, manifests, contracts and sources, and a home of its own. */
  elsewhere(project: SampleProject): Promise<SampleProject>;
}

export async function startMachines(): Promise<Machines> {
  const [postgres, s3] = await Promise.all([startPostgres(), startS3()]);
  return {
    project: async () => {
      const project = await sampleProject();
      const name = `shared-${basename(project.root).toLowerCase()}`;
      await configure(project, await serviceSettings(name, { postgres: postgres.url, s3: s3.endpoint }));
      return project;
    },
    emptyDatabase: async () => await postgres.createDatabase(`empty-${randomUUID()}`),
    elsewhere: async (project) => {
      const other = await sampleProject();
      await cp(project.root, other.root, {
        recursive: true,
        filter: (path) => basename(path) !== '.tidemark',
      });
      return other;
    },
    [Symbol.asyncDispose]: async () => {
      await s3[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
    },
  };
}
