import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface S3Process extends AsyncDisposable {
  readonly endpoint: string;
}

/** An S3 that other processes write to and read from. It ends with this process, however that ends. */
export async function startS3(): Promise<S3Process> {
  const script = fileURLToPath(new URL('s3-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return {
    endpoint: String(line).trim(),
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}
