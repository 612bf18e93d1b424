import { PassThrough } from 'node:stream';
import type { ExitCode } from './exit-codes.ts';
import { runCommandLine } from './main.ts';
import { Output } from './output.ts';

export interface Captured {
  readonly exit: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, as into two pipes. */
export async function capture(...argv: string[]): Promise<Captured> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = [text(stdout), text(stderr)];
  const output = new Output({
    stdout: stdout as unknown as NodeJS.WriteStream, // A stream that is no terminal has none of its members.
    stderr: stderr as unknown as NodeJS.WriteStream,
  });
  const exit = await runCommandLine({ argv, output });
  stdout.end();
  stderr.end();
  const [out = '', err = ''] = await Promise.all(texts);
  return { exit, stdout: out, stderr: err };
}

async function text(stream: PassThrough): Promise<string> {
  return (await stream.setEncoding('utf8').toArray()).join('');
}
