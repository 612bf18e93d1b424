#!/usr/bin/env node
// Plain old JavaScript on purpose: it must parse on any Node, to say in one line that this one is too old.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `tidemark needs Node 24 or newer; this is ${process.version}. In a checkout use "npx tidemark" (Node comes with "npm ci"); elsewhere install Node 24.`,
  );
  process.exitCode = 2;
} else {
  const { existsSync, mkdirSync } = await import('node:fs');
  const { enableCompileCache } = await import('node:module');
  const { homedir } = await import('node:os');
  const { join } = await import('node:path');

  // Half of the time to start from source is compiling, a tenth of it from the bundle. The cache is in the user’s own
  // cache folder: whoever may write to a shared one could put code into it. NODE_DISABLE_COMPILE_CACHE=1 turns it off.
  try {
    const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
    // One level at a time: enableCompileCache itself never returns where a folder cannot be made below /proc.
    for (const dir of [caches, join(caches, 'tidemark')])
      if (!existsSync(dir)) mkdirSync(dir, { mode: 0o700 });
    enableCompileCache(join(caches, 'tidemark'));
  } catch {
    // No home, or none that may be written to: slower, and no worse.
  }

  // A copy that the kernel makes holds one of the threads for files until its end: with Node's four, four copies at once
  // would leave none to read what they wrote.
  process.env.UV_THREADPOOL_SIZE ??= '12';

  // A checkout runs its own source; the published package holds only what was built from it.
  const source = new URL('../src/cli/main.ts', import.meta.url);
  const { main } = await import(
    existsSync(source) ? source.href : new URL('../dist/bin/main.js', import.meta.url).href
  );
  await main(process.argv.slice(2));
}
