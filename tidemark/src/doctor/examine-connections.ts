import type { ProjectConfig } from '../config/read-config.ts';
import { connectionOf } from '../run/read-relation.ts';
import { loadDialect } from '../source/dialects.ts';
import { examineServer } from '../source/relation/examine-server.ts';
import { RelationFailure } from '../source/relation/relation-failure.ts';
import { Buckets } from '../source/s3/buckets.ts';
import { examineBucket } from '../source/s3/examine-bucket.ts';
import { bad, doubtful, type Finding, good } from './finding.ts';

/** Whether every database and every place in S3 that the project names answers, and lets itself be read. */
export async function examineConnections(
  config: Pick<ProjectConfig, 'root' | 'limits' | 'connections' | 'buckets'>,
): Promise<Finding> {
  const databases = await examineDatabases(config);
  if ('verdict' in databases) return databases;
  const buckets = await examineBuckets(config);
  if ('verdict' in buckets) return buckets;
  const answers = [...databases.answers, ...buckets.answers];
  if (answers.length === 0) return good('none are declared');
  return good(`${answers.join(', ')} ${answers.length === 1 ? 'answers' : 'answer'}`);
}

interface Answers {
  readonly answers: readonly string[];
}

async function examineDatabases(
  config: Pick<ProjectConfig, 'root' | 'connections'>,
): Promise<Answers | Finding> {
  const names = Object.keys(config.connections);
  if (names.length === 0) return { answers: [] };
  const answers: string[] = [];
  for (const connection of names) {
    const found = connectionOf(config, connection);
    if ('kind' in found) return bad(`${found.code} ${found.message}`, found.next);
    try {
      const server = await examineServer(await loadDialect(found.database), found.url);
      if (server.unseen !== null) return doubtful(`${connection}: ${server.unseen.why}`, server.unseen.next);
      answers.push(`${connection} (${server.version})`);
    } catch (error) {
      if (!(error instanceof RelationFailure)) throw error;
      return bad(`${connection}: ${error.code} ${error.message}`, error.next);
    }
  }
  return { answers };
}

async function examineBuckets(
  config: Pick<ProjectConfig, 'root' | 'limits' | 'buckets'>,
): Promise<Answers | Finding> {
  const buckets = new Buckets(config);
  const answers: string[] = [];
  try {
    for (const connection of Object.keys(config.buckets)) {
      const bucket = await buckets.named(connection);
      const seen = bucket.kind === 'open' ? await examineBucket(bucket) : bucket;
      if (seen.kind === 'unreachable') return bad(`${connection}: ${seen.code} ${seen.message}`, seen.next);
      answers.push(`${connection} (${seen.place})`);
    }
    return { answers };
  } finally {
    await buckets.close();
  }
}
