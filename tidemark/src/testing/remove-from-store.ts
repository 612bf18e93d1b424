// Stands in for `aws s3 rm`, with or without `--recursive`, where a test types what is suggested.
import { join } from 'node:path';
import { durablesOf, keysOf } from './durables-of.ts';

const uri = process.argv.at(-1) ?? '';
await using durables = await durablesOf(join(process.cwd(), '.tidemark'));
const key = uri.slice(`${durables.location}/`.length);
if (!process.argv.includes('--recursive')) await durables.remove(key);
else for (const below of await keysOf(durables, key)) await durables.remove(below);
