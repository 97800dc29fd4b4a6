import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { createAuthFor } from '../../src/mcp/auth/auth-for.ts';
import { createFileCredentials } from '../../src/mcp/auth/credential-store.ts';
import { Hub } from '../../src/mcp/hub.ts';
import { placedServerSpecs } from '../../src/mcp/remote/own-servers.ts';
import { distFolder, finished, startCli } from './command-line.ts';
import type { Team } from './team.ts';

/** What a person sees of the systems with their own sign-in. */
export interface Seen {
  readonly failedOrders: string;
  readonly projects: string;
  readonly channels: string;
}

/** Someone who has only the command line: no secret of any system. */
export interface Member {
  readonly environment: Readonly<Record<string, string>>;
  /** @param open a page of the authorization server. */
  readonly signIn: (system: string, open: (page: URL) => Promise<void>) => Promise<void>;
  readonly look: () => Promise<Seen>;
  /** The exit code of the main job. */
  readonly run: () => Promise<number | null>;
  readonly leave: () => Promise<void>;
}

const failed = `select count(*) from orders where status = 'failed' and created_at >= now() - interval '24 hours'`;
const rowsSchema = z.object({ rows: z.array(z.array(z.unknown())) });

export async function joinTeam({ stack, remotes }: Team, model: Readonly<Record<string, string>>): Promise<Member> {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-member-'));
  const environment = { ...model, ...remotes, SWITCHBOARD_STATE_DIR: folder };
  return {
    environment,
    signIn: async (system, open) => {
      const child = startCli(['mcp', 'login', system], { environment });
      let said = '';
      const opening: Promise<void>[] = [];
      child.stderr?.on('data', (chunk) => {
        said += String(chunk);
        const page = /^(https?:\S+)\n/mu.exec(said)?.[1];
        if (page !== undefined && opening.length === 0) opening.push(open(new URL(page)));
      });
      const { code } = await finished(child);
      await Promise.all(opening);
      if (code !== 0) throw new Error(`The sign-in to ${system} failed: ${said}`);
    },
    look: async () => {
      const hub = new Hub({
        version: '0.0.0',
        servers: placedServerSpecs(join(distFolder, 'servers'), environment),
        authFor: createAuthFor(createFileCredentials(join(folder, 'credentials'))),
      });
      const { signal } = new AbortController();
      const column = async (name: string, input: Record<string, unknown>, at: number): Promise<string> => {
        const outcome = await hub.call(name, input, { signal, run: { session: 'demo', run: 'demo', actor: 'demo' } });
        if (outcome.kind !== 'result') return `refused: ${outcome.failure.message}`;
        const { rows } = rowsSchema.parse(outcome.structured);
        return rows.map((row) => String(row[at])).join(', ') || 'none';
      };
      try {
        await hub.list(signal);
        return {
          failedOrders: await column('postgres__query_database', { query: failed }, 0),
          projects: await column('jira__list_jira_projects', {}, 0),
          channels: await column('slack__list_slack_channels', {}, 1),
        };
      } finally {
        await hub.dispose();
      }
    },
    run: async () => {
      const parameters = ['run', 'failed-orders', '--accept-grants'];
      const cwd = stack.workspace.folder;
      return (await finished(startCli(parameters, { environment, cwd, stdio: ['ignore', 'inherit', 'inherit'] }))).code;
    },
    leave: () => rm(folder, { recursive: true, force: true }),
  };
}
