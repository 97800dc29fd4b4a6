import type { Command } from 'commander';
import { Option } from 'commander';

export interface StatePorts {
  /** Creates or updates the tables. @returns their version. */
  readonly migrate: (
    state: string | true,
    roles: readonly { readonly name: string; readonly as: 'servers' | 'workers' | 'auditors' }[],
  ) => Promise<number>;
  readonly print: (text: string) => void;
}

interface MigrateOptions {
  readonly state: string | true;
  readonly role?: string;
  readonly worker?: string;
  readonly auditor?: string;
}

export function addStateCommands(program: Command, ports: StatePorts): void {
  const state = program.command('state').description('Prepares the database that servers over HTTP share.');
  state
    .command('migrate')
    .description('Creates or updates its tables, and grants roles what they need (servers/README.md).')
    .addOption(
      new Option('--state [url]', 'the database, as the owner of the tables; SWITCHBOARD_STATE_URL if no URL is given')
        .default(true)
        .preset(true),
    )
    .option('--role <name>', 'role of the servers: it can add audit records, but neither change nor read them')
    .option('--worker <name>', 'role of `switchboard worker` and of runs with --occasion')
    .option('--auditor <name>', 'role that may read and check the audit log')
    .action(async ({ state: database, role, worker, auditor }: MigrateOptions) => {
      const version = await ports.migrate(database, [
        ...(role === undefined ? [] : [{ name: role, as: 'servers' as const }]),
        ...(worker === undefined ? [] : [{ name: worker, as: 'workers' as const }]),
        ...(auditor === undefined ? [] : [{ name: auditor, as: 'auditors' as const }]),
      ]);
      ports.print(`The state database has version ${version}.\n`);
    });
}
