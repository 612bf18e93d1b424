// A Singer tap for tests: the tickets of a JSON file, by `updated_at`. How it misbehaves is in its configuration.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

const argument = (name: string) => {
  const at = process.argv.indexOf(name);
  return at === -1 ? null : (process.argv[at + 1] ?? null);
};
const jsonOf = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

const config = jsonOf(argument('--config') ?? '');
const { fault, mark, rows = 'rows.json' } = config;
const stream = 'tickets';
const schema = { type: 'object', properties: { ticket_id: { type: 'string' } } };

if (process.argv.includes('--discover')) {
  const properties = [{ breadcrumb: ['properties', 'ticket_id'], metadata: { inclusion: 'available' } }];
  say({
    streams: [stream, 'users'].map((name) => ({
      tap_stream_id: name,
      stream: name,
      schema,
      metadata: properties,
    })),
  });
} else {
  const statePath = argument('--state');
  const state = statePath === null ? {} : jsonOf(statePath);
  const catalog = jsonOf(argument('--catalog') ?? '');
  appendFileSync('asked.jsonl', `${JSON.stringify({ state, catalog, env: process.env.DESK ?? null })}\n`);
  process.stderr.write(`INFO the token is ${config.token}\n`);
  if (fault !== 'no_schema') say({ type: 'SCHEMA', stream, schema, key_properties: ['ticket_id'] });
  if (fault === 'hang') {
    const child = spawn('sleep', ['600'], { stdio: 'inherit' });
    writeFileSync('grandchild', String(child.pid));
    await wait(600_000);
  }
  if (fault === 'garbage') process.stdout.write('not json\n');
  if (fault === 'long') process.stdout.write(`"${'x'.repeat(100_000)}"\n`);
  if (fault === 'other_stream') say({ type: 'RECORD', stream: 'users', record: {} });
  if (fault === 'unknown') say({ type: 'HELLO' });
  if (fault === 'batch' || fault === 'batch_outside') {
    const path = fault === 'batch' ? join(process.cwd(), 'batch.jsonl.gz') : config.outside;
    if (fault === 'batch') writeFileSync(path, gzipSync(readFileSync('batch.jsonl')));
    const encoding = { format: 'jsonl', compression: fault === 'batch' ? 'gzip' : 'none' };
    say({ type: 'BATCH', stream, encoding, manifest: [`file://${path}`] });
  }
  const since = state.since ?? '';
  let last = since;
  // As text: a number that no double holds goes out as it stands.
  for (const line of existsSync(rows) ? readFileSync(rows, 'utf8').trimEnd().split('\n') : []) {
    const { updated_at: at } = JSON.parse(line);
    if (at < since) continue;
    process.stdout.write(
      `{"type":"RECORD","stream":"${stream}","record":${line},"time_extracted":"${at}"}\n`,
    );
    if (at > last) last = at;
  }
  say({ type: 'STATE', value: { since: last, mark } });
  if (fault === 'exit') process.exitCode = 3;
}
