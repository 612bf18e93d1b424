/**
 * The two streams of the command. People's text and the one JSON document go to stdout, everything said on the way to
 * stderr. A reader that goes away (`| head`) is no error: what is written afterwards is dropped. Any other fault of stdout
 * (a full disk) is kept for whoever ends the process; stderr has no one to tell.
 */
export class Output {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  #closed = false;
  #lost: Error | null = null;

  constructor({ stdout, stderr }: { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream }) {
    this.stdout = stdout;
    this.stderr = stderr;
    for (const stream of [stdout, stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (stream !== stdout) return;
        this.#closed = true;
        if (error.code !== 'EPIPE') this.#lost ??= error;
      });
    }
  }

  /** Whether nobody reads stdout any more: a command that only tells something may stop. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Why not everything reached stdout; null when it did, as far as is known once everything is written. */
  async lost(): Promise<Error | null> {
    await new Promise((resolve) => this.stdout.write('', resolve));
    return this.#lost;
  }

  lines(lines: readonly string[]): void {
    if (lines.length > 0 && !this.#closed) this.stdout.write(`${lines.join('\n')}\n`);
  }

  /** As it is; for a document that is written piece by piece. */
  text(text: string): void {
    if (!this.#closed) this.stdout.write(text);
  }

  document(document: object): void {
    this.text(`${JSON.stringify(document, jsonValue, 2)}\n`);
  }

  notice(lines: readonly string[]): void {
    if (lines.length > 0) this.stderr.write(`${lines.join('\n')}\n`);
  }
}

/** Counters that can outgrow a double are decimal text in JSON. */
function jsonValue(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

export function jsonText(value: unknown): string {
  return JSON.stringify(value, jsonValue);
}
