import type { ProjectConfig } from '../config/read-config.ts';
import { relationOf } from '../run/read-relation.ts';
import { bad, doubtful, type Finding, good } from './finding.ts';

/** Whether every database that the project names answers, and lets it be seen how far it can be read. */
export async function examineConnections(
  config: Pick<ProjectConfig, 'root' | 'connections'>,
): Promise<Finding> {
  const names = Object.keys(config.connections);
  if (names.length === 0) return good('none are declared');
  const { examineServer } = await import('../source/postgres/examine-server.ts');
  const { RelationFailure } = await import('../source/postgres/relation-failure.ts');
  const answers: string[] = [];
  for (const connection of names) {
    const found = relationOf(config, { kind: 'table', connection, namespace: null, table: '' });
    if ('kind' in found) return bad(`${found.code} ${found.message}`, found.next);
    try {
      const server = await examineServer(found.url);
      if (server.unseen !== null) return doubtful(`${connection}: ${server.unseen.why}`, server.unseen.next);
      answers.push(`${connection} (PostgreSQL ${server.version})`);
    } catch (error) {
      if (!(error instanceof RelationFailure)) throw error;
      return bad(`${connection}: ${error.code} ${error.message}`, error.next);
    }
  }
  return good(`${answers.join(', ')} ${answers.length === 1 ? 'answers' : 'answer'}`);
}
