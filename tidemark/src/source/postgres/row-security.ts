import { FORBIDDEN, failureOf } from './failure-of.ts';
import type { Session } from './session.ts';

/**
 * Whether row-level security applies to what is read, be it a table, below a view or in a query. Told by the server, which
 * plans no reading that it would leave rows out of once `row_security` is off. The transaction goes on as it was.
 * @throws RelationFailure
 */
export async function hidesRows({ client, rows, place }: Session, from: string): Promise<boolean> {
  const asked = `SAVEPOINT before_row_security; SET LOCAL row_security = off; SELECT 1 FROM ${from} LIMIT 0`;
  const hides = await client.query(asked).then(
    () => false,
    (error) => {
      if (error.code === FORBIDDEN) return true;
      throw failureOf(error, { place });
    },
  );
  await rows('ROLLBACK TO SAVEPOINT before_row_security');
  return hides;
}
