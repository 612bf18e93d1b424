import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readConfig } from '../config/read-config.ts';
import type { Limits } from '../model/limits.ts';
import { type S3Server, s3Server } from './s3-server.ts';
import { type SampleProject, sampleProject } from './sample-project.ts';

/** A project whose durable files are in a store of its own, below a prefix of its own. */
export interface ProjectInStore extends AsyncDisposable {
  readonly project: SampleProject;
  readonly server: S3Server;
  /** Ends with a slash. */
  readonly prefix: string;
  /** Keys below a zone of the store, such as `raw/`. */
  keys(zone?: string): string[];
  /** Alters a stored object and leaves its size. */
  alter(key: string): void;
  /** What this machine has of the store, so that everything has to come from there. */
  forgetCopies(): Promise<void>;
}

export async function projectInStore(): Promise<ProjectInStore> {
  const server = await s3Server({ pageKeys: 7 });
  const project = await sampleProject();
  const prefix = `team/${basename(project.root)}/`;
  await configureStore(project, server, { prefix });
  return {
    project,
    server,
    prefix,
    keys: (zone = '') =>
      [...server.objects.keys()].filter((key) => key.startsWith(`${prefix}${zone}`)).sort(),
    alter: (key) => {
      const object = server.objects.get(key);
      if (object === undefined) throw new RangeError(`no object ${key}`);
      const bytes = Buffer.from(object.bytes);
      const at = bytes.length >> 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      server.objects.set(key, { ...object, bytes });
    },
    forgetCopies: async () =>
      await rm(join(project.root, '.tidemark/copies'), { recursive: true, force: true }),
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Says in a project's `tidemark.yaml` where its store is; the secret by reference. */
export async function configureStore(
  project: SampleProject,
  server: S3Server,
  { prefix, ...further }: { prefix: string; limits?: Partial<Limits> },
): Promise<void> {
  const { catalogUrl } = await readConfig({ from: project.root });
  await project.write('secret.txt', 'a secret\n');
  await project.write(
    'tidemark.yaml',
    `${JSON.stringify({
      store: {
        url: `s3://${server.bucket}/${prefix}`,
        endpoint: server.endpoint,
        access_key_id: server.accessKeyId,
        secret_access_key: '$' + '{file:secret.txt}',
      },
      ...further,
      ...(catalogUrl !== null && { catalog: catalogUrl }),
    })}\n`,
  );
}
