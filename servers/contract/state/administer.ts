import { Client } from 'pg';
import { auditRecordSchema, type AuditRecord } from '../audit/record.ts';
import type { Anchor, AuditFilter, VerifiedLog } from '../audit/verify.ts';
import { grantTo, type StateRole } from './grants.ts';
import { migrate, migrations, StateVersionError } from './migrations.ts';
import { verifyChains } from './verify-chains.ts';

/** The state database cannot be used. The message says why, without the password. */
export class StateDatabaseError extends Error {
  override readonly name = 'StateDatabaseError';
}

/** What an administrator does with the state database of the servers. Loaded by the command line when asked for. */
export interface StateAdministration {
  readonly verify: (anchor: Anchor) => Promise<readonly VerifiedLog[]>;
  /** Records of all chains, ordered by time. */
  readonly read: (filter: AuditFilter) => Promise<readonly AuditRecord[]>;
  /** Creates or updates the tables, and grants each role what it needs. @returns the version of the tables. */
  readonly migrate: (roles: readonly { name: string; as: StateRole }[]) => Promise<number>;
}

export function administerState(url: string): StateAdministration {
  const use = async <Result>(work: (client: Client) => Promise<Result>): Promise<Result> => {
    const client = new Client({
      connectionString: url,
      application_name: 'switchboard',
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await work(client);
    } catch (error) {
      if (error instanceof StateVersionError || isOfDatabase(error))
        throw new StateDatabaseError(`the state database: ${error.message}`, { cause: error });
      throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  return {
    verify: (anchor) => use((client) => verifyChains(client, anchor)),
    read: (filter) => use((client) => readRecords(client, filter)),
    migrate: (roles) =>
      use(async (client) => {
        await migrate(client);
        for (const { name, as } of roles) await grantTo(client, name, as);
        return migrations.length;
      }),
  };
}

async function readRecords(client: Client, { session, tool, since }: AuditFilter): Promise<AuditRecord[]> {
  const { rows } = await client.query<{ line: string }>(
    `select line from switchboard.audit_record
     where ($1::text is null or session = $1) and ($2::text is null or tool = $2) and ($3::timestamptz is null or time >= $3)
     order by time, chain, sequence`,
    [session ?? null, tool ?? null, since ?? null],
  );
  return rows.flatMap(({ line }) => {
    const { data } = auditRecordSchema.safeParse(parsed(line));
    return data === undefined ? [] : [data];
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A failure of the database or of the way to it, as opposed to one of ours. */
function isOfDatabase(error: unknown): error is Error {
  return error instanceof Error && ('code' in error || /timeout|terminated/iu.test(error.message));
}
