import { configure } from './configure.ts';
import { type S3Server, s3Server, stored } from './s3-server.ts';
import { type SampleProject, sampleProject } from './sample-project.ts';

/** An S3 in memory, and a project of which one manifest reads from it. Removed with `await using`. */
export interface BucketProject extends AsyncDisposable {
  readonly server: S3Server;
  readonly project: SampleProject;
  put(key: string, content: string | Buffer): void;
  declare(source: string | object, fields?: object, manifest?: object): Promise<void>;
  /** Settings beside the connection, and fields of the connection. */
  connect(connection?: object, settings?: object): Promise<void>;
  /** The keys of objects that were asked for since this was last called, sorted. */
  asked(): string[];
}

const SECRET = 'hush-hush';

export async function bucketProject({
  source = 's3://lake/in/' as string | object,
  fields = {},
  pageKeys = 3,
} = {}): Promise<BucketProject> {
  const server = await s3Server({ pageKeys });
  const project = await sampleProject();
  process.env.TIDEMARK_TEST_S3_SECRET = SECRET;
  let seen = 0;
  const self: BucketProject = {
    server,
    project,
    put: (key, content) => void server.objects.set(key, stored(Buffer.from(content))),
    declare: async (declared, more = {}, manifest = {}) =>
      await project.write(
        'data/seed_manifests/bucket.json',
        JSON.stringify({
          schema_version: 'source_manifest_v2',
          manifest_id: 'bucket',
          batch_id: 'all',
          owner: 'shop',
          created_at: '2026-03-01T00:00:00Z',
          license_tag: 'course_synthetic',
          contract_ref: 'omni://contracts/data/ticket/v1',
          load_mode: 'full_snapshot',
          ...manifest,
          assets: [
            {
              source_id: 'desk',
              source: declared,
              asset_type: 'jsonl',
              metadata_status: 'complete',
              pii_scan_status: 'clear',
              ...more,
            },
          ],
        }),
      ),
    connect: async (connection = {}, settings = {}) =>
      await configure(project, {
        limits: { retryDelayMs: 1, sourceAttemptsMax: 3 },
        ...settings,
        connections: {
          lake: {
            url: 's3://lake',
            endpoint: server.endpoint,
            access_key_id: server.accessKeyId,
            // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference as users write it
            secret_access_key: '${env:TIDEMARK_TEST_S3_SECRET}',
            ...connection,
          },
        },
      }),
    asked: () => {
      const since = server.requests.slice(seen);
      seen = server.requests.length;
      return since
        .filter(({ operation }) => operation === 'GetObject')
        .map(({ key }) => key)
        .sort();
    },
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
  await self.connect();
  await self.declare(source, fields);
  return self;
}
