import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveReferences } from '../../config/resolve-references.ts';
import type { TapSettings } from '../../config/singer-settings.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Limits } from '../../model/limits.ts';
import { locateSource } from '../file/locate-source.ts';
import { readMessages } from './read-messages.ts';
import { type Running, runProcess } from './run-process.ts';
import { type Replication, selectStream } from './select-stream.ts';
import { TapFailure } from './tap-failure.ts';

export interface TapRequest {
  readonly root: string;
  readonly settings: TapSettings;
  readonly stream: string;
  readonly replication: Replication;
  /** The state that was committed last; null to read from the beginning. */
  readonly state: string | null;
  readonly limits: Pick<Limits, 'lineBytesMax' | 'tapIdleMs' | 'tapTotalMs' | 'declarationBytesMax'>;
  readonly signal: AbortSignal;
}

export interface TapReading extends AsyncDisposable {
  /** Canonical JSON lines, and at the end the state to go on from. @throws TapFailure */
  lines(): AsyncGenerator<string, string | null>;
  /** The end of what it wrote to its log, secrets of its configuration taken out. */
  log(): string;
}

const LOG_CHARS_MAX = 8192;
/** Of our own environment, what a program needs to run; the rest may hold secrets that are none of its business. */
const INHERITED = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'VIRTUAL_ENV',
  'SSL_CERT_FILE',
];

/**
 * Gets a tap ready: its configuration in a folder that this user alone may enter, its catalog with one stream selected.
 * @throws TapFailure
 */
export async function openTap(request: TapRequest): Promise<TapReading> {
  const { root, settings, stream, replication, state, limits, signal } = request;
  const secrets = new Set<string>();
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-tap-'));
  let written = '';
  const running = (...args: readonly string[]): Running => ({
    command: [...settings.command, ...args],
    cwd: root,
    env: environmentOf(settings, { root, secrets }),
    idleMs: limits.tapIdleMs,
    totalMs: limits.tapTotalMs,
    signal,
    onLog: (text) => {
      written = (written + text).slice(-LOG_CHARS_MAX);
    },
  });
  const put = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const log = () => [...secrets].reduce((text, secret) => text.replaceAll(secret, '***'), written);
  try {
    const config = await put('config.json', JSON.stringify(putIn(settings.config, { root, secrets })));
    const catalog =
      settings.catalog === null
        ? await discovered(runProcess(running('--config', config, '--discover')), limits.declarationBytesMax)
        : await kept(root, settings.catalog);
    const chosen = selectStream(catalog, { stream, replication });
    if (typeof chosen === 'string') throw new TapFailure(chosen);
    const args = ['--config', config, '--catalog', await put('catalog.json', JSON.stringify(chosen.catalog))];
    if (state !== null) args.push('--state', await put('state.json', state));
    const messages = { names: chosen.names, lineBytesMax: limits.lineBytesMax, batchesIn: [root, folder] };
    return {
      lines: () => readMessages(runProcess(running(...args)), messages),
      log,
      [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (error instanceof TapFailure) throw withLog(error, log());
    throw error;
  }
}

/** The same failure with the last lines that the tap wrote, which mostly say why. */
export function withLog(failure: TapFailure, log: string): TapFailure {
  const { code, next } = failure;
  const last = log.trimEnd().split('\n').slice(-3).join(' / ').slice(-600);
  return last === '' ? failure : new TapFailure(`${failure.message}; it wrote: ${last}`, { code, next });
}

async function discovered(output: AsyncIterable<Buffer>, bytesMax: number): Promise<JsonValue> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of output) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bytesMax) throw new TapFailure(`its catalog is longer than ${bytesMax} bytes`);
  }
  return jsonOf(Buffer.concat(chunks).toString(), 'what it tells with --discover');
}

async function kept(root: string, path: string): Promise<JsonValue> {
  const location = await locateSource({ root, declared: path });
  if (location.kind !== 'file') throw new TapFailure(`its catalog ${path} is no file below the project root`);
  return jsonOf(await readFile(location.path, 'utf8'), `its catalog ${path}`);
}

function jsonOf(text: string, what: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new TapFailure(`${what} is no JSON`);
  }
}

interface PuttingIn {
  readonly root: string;
  /** What was put in, to be taken out of all that is told. */
  readonly secrets: Set<string>;
}

function putIn(value: JsonValue | TapSettings['config'], { root, secrets }: PuttingIn): JsonValue {
  if (typeof value === 'string') {
    const resolved = resolveReferences(value, {
      root,
      put: (secret) => {
        secrets.add(secret);
        return secret;
      },
    });
    if (resolved.kind === 'unresolved') throw new TapFailure(resolved.reason);
    if (resolved.text !== value) secrets.add(resolved.text);
    return resolved.text;
  }
  if (Array.isArray(value)) return value.map((item) => putIn(item, { root, secrets }));
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, putIn(item as JsonValue, { root, secrets })]),
  ) as JsonObject;
}

function environmentOf({ env }: TapSettings, putting: PuttingIn): Record<string, string> {
  const inherited = INHERITED.flatMap((name) =>
    process.env[name] ? [[name, process.env[name]] as const] : [],
  );
  const own = Object.entries(env).map(([name, value]) => [name, String(putIn(value, putting))] as const);
  return Object.fromEntries([...inherited, ...own]);
}
