import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { withOverrides } from '../tidemark/src/config/environment.ts';
import { parseConfig } from '../tidemark/src/config/read-config.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Service {
  readonly image?: string;
  readonly build?: { context: string; dockerfile: string };
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly [rest: string]: unknown;
}

const text = read('infra/docker-compose.yml');
const compose = parse(text) as { services: Record<string, Service>; volumes: Record<string, null> };
const services = Object.entries(compose.services);
const example: Readonly<Record<string, string>> = Object.fromEntries(
  read('infra/env/.env.example')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('=') as [string, string]),
);
const dockerfile = read('infra/Dockerfile');

/** What the specification of Compose knows of a service, as far as it is used here. */
const KNOWN = new Set(
  'image build command environment ports volumes healthcheck restart depends_on profiles init read_only tmpfs cap_drop security_opt'.split(
    ' ',
  ),
);

const filledIn = (value: string) =>
  value.replaceAll(/\$\{(\w+)(?::[-?][^}]*)?\}/g, (_, name: string) => example[name] ?? '');

describe('the Compose file', () => {
  for (const [name, service] of services) {
    it(`says of ${name} only what a service can have, at a version that stays`, () => {
      assert.deepEqual(
        Object.keys(service).filter((key) => !KNOWN.has(key)),
        [],
      );
      if (service.build === undefined)
        assert.match(service.image ?? '', /:(?!latest)[\w.-]*\d[\w.-]*$/, 'an image has a version');
      else assert.ok(existsSync(join(root, 'infra', service.build.context, service.build.dockerfile)));
    });

    it(`lets ${name} be reached from this machine alone`, () => {
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
    });

    it(`has ${name} wait for what it needs, and tell when it is ready itself`, () => {
      for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
        const other = compose.services[needed];
        assert.ok(other, needed);
        const ends = other.restart === 'no';
        assert.equal(condition, ends ? 'service_completed_successfully' : 'service_healthy');
      }
      if (service.restart !== 'no') assert.ok(service.healthcheck);
    });

    it(`mounts for ${name} only volumes that are declared, and the project to be read`, () => {
      for (const volume of service.volumes ?? []) {
        const [from = '', , mode] = volume.split(':');
        if (from.startsWith('.'))
          assert.deepEqual([existsSync(join(root, 'infra', from)), mode], [true, 'ro']);
        else assert.ok(Object.hasOwn(compose.volumes, from), volume);
      }
    });
  }

  it('uses every variable of the example, and no other', () => {
    const used = [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name);
    assert.deepEqual([...new Set(used)].sort(), Object.keys(example).sort());
  });

  it('holds no secret and has no default for one', () => {
    assert.doesNotMatch(text, /\$\{\w*(PASSWORD|SECRET)\w*:-/);
    for (const [name, value] of Object.entries(example))
      if (/PASSWORD|SECRET/.test(name)) assert.equal(value, 'change-me-please');
    assert.match(read('.gitignore'), /^infra\/env\/\.env$/m);
    assert.match(read('.dockerignore'), /^infra\/env\/\.env$/m);
  });

  it('keeps the tools out of what is brought up, and gives them no more than they need', () => {
    const { devbox } = compose.services;
    assert.deepEqual(devbox?.profiles, ['tools']);
    assert.deepEqual([devbox?.read_only, devbox?.cap_drop], [true, ['ALL']]);
    assert.deepEqual(devbox?.security_opt, ['no-new-privileges:true']);
  });

  it('sets the command line up by variables that it knows, at hosts that are services', () => {
    const environment = Object.fromEntries(
      Object.entries(compose.services.devbox?.environment ?? {}).map(([name, value]) => [
        name,
        filledIn(value),
      ]),
    );
    const config = withOverrides(
      parseConfig({ root: '/project', path: 'tidemark.yaml', text: '' }),
      environment,
    );
    const catalog = new URL(config.catalogUrl ?? '');
    assert.deepEqual(
      [catalog.hostname, catalog.username, catalog.pathname],
      ['postgres', compose.services.postgres?.environment?.POSTGRES_USER, '/tidemark'],
    );
    const { store } = config;
    assert.deepEqual(
      [store?.bucket, store?.prefix, store?.endpoint, store?.pathStyle],
      [example.S3_BUCKET, 'lake', 'http://minio:9000', true],
    );
    assert.ok(environment.AWS_ACCESS_KEY_ID && environment.AWS_SECRET_ACCESS_KEY);
    for (const value of Object.values(environment).filter((one) => /^(http|postgres):/.test(one)))
      assert.ok(Object.hasOwn(compose.services, new URL(value).hostname), value);
  });

  it('is what the commands of its page name', () => {
    const commands = read('infra/README.md').matchAll(/docker compose -f (\S+) --env-file (\S+) (.*)$/gm);
    for (const [, file = '', , rest = ''] of commands) {
      assert.ok(existsSync(join(root, file)));
      const named = / run --rm (\S+)/.exec(` ${rest}`)?.[1] ?? rest.split(' ').slice(-2);
      for (const service of [named].flat()) assert.ok(Object.hasOwn(compose.services, service), service);
    }
  });

  it('is understood by Compose', (t) => {
    const file = ['--env-file', join(root, 'infra/env/.env.example'), '--profile', 'tools'];
    try {
      execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    } catch {
      return t.skip('no Compose client on this machine');
    }
    const told = execFileSync(
      'docker',
      ['compose', '-f', join(root, 'infra/docker-compose.yml'), ...file, 'config', '--services'],
      { encoding: 'utf8' },
    );
    assert.deepEqual(told.trim().split('\n').sort(), Object.keys(compose.services).sort());
  });
});

describe('the image', () => {
  it('runs as a user of its own, and as nobody else after that', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    assert.equal([...last.matchAll(/^USER (\S+)$/gm)].at(-1)?.[1], 'node');
    assert.doesNotMatch(last, /sudo|chmod [0-7]*7[0-7]{2}/);
  });

  it('is built from the lock file, and holds neither sources nor tools to build with', () => {
    assert.match(dockerfile, /npm ci .*--omit=dev/);
    for (const [, path = ''] of dockerfile.matchAll(/^COPY --from=build (\S+)/gm))
      assert.doesNotMatch(path, /\/src/);
    for (const [, from = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
      for (const path of from.split(' ')) assert.ok(existsSync(join(root, path)), path);
  });

  it('is of a Node that the package runs on', () => {
    const { engines } = JSON.parse(read('tidemark/package.json')) as { engines: { node: string } };
    const least = Number(/\d+/.exec(engines.node)?.[0]);
    for (const [, version = ''] of dockerfile.matchAll(/^FROM node:(\d+)/gm))
      assert.ok(Number(version) >= least);
  });
});
