import { runServer } from '../kit/run-server.ts';
import type { Redactor } from '../contract/redact.ts';
import type { Caller } from '../kit/caller/caller.ts';
import { ToolError } from '../kit/errors.ts';
import { readSettings, type CallerRoles, type Settings } from './config/config.ts';
import type { Target } from './config/database-settings.ts';
import { openDatabases } from './databases.ts';
import { offers } from './resources.ts';
import { tools } from './tools/index.ts';

void runServer({
  name: 'postgres',
  title: 'PostgreSQL',
  version: '0.1.0',
  instructions:
    'Read-only access to PostgreSQL. Look at list_tables and get_table_schema before writing SQL; aggregate in SQL; quote names with capitals.',
  tools,
  readsVerbatim: true,
  offers,
  // The next page may be asked of another replica, and a page kept open is a transaction kept open.
  overHttp: { DB_CURSOR_SECONDS: '0' },
  configure: async (variables) => {
    const settings = await readSettings(variables);
    const { roles } = settings;
    const secrets = await Promise.all(settings.targets.map((target) => target.password()));
    return {
      secrets: secrets.filter((secret) => secret !== undefined),
      connect: ({ redact, ...io }) => openDatabases(withMaskedPasswords(settings, redact), io),
      ...(roles !== undefined && {
        personal: {
          variable: 'DB_ROLE_FROM',
          writesAsCaller: true,
          open: (databases) => (caller) =>
            databases.as({ role: roleOf(caller, roles), subject: caller.names.sub ?? '' }),
        },
      }),
      narrow: (databases, places) => (places.databases === 'all' ? databases : databases.only(places.databases)),
      dispose: (databases) => databases.dispose(),
    };
  },
});

/** @throws ToolError `forbidden` for a caller with no role, or more than one: none is chosen for them. */
function roleOf({ claim }: Caller, { claim: name, byValue }: CallerRoles): string {
  const roles = new Set(claim(name).flatMap((value) => byValue.get(value) ?? []));
  const [role, other] = roles;
  if (role !== undefined && other === undefined) return role;
  const found = role === undefined ? 'names no role of this database' : `names several roles: ${[...roles].join(', ')}`;
  throw new ToolError('forbidden', `The claim ${name} of your access token ${found}.`, {
    hint: 'Whoever runs this server sets in DB_ROLES which values give which role. Queries run with one role.',
  });
}

/** Passwords are read for each connection, and a rotated one is masked from then on. */
function withMaskedPasswords(settings: Settings, redact: Redactor): Settings {
  const masked = (target: Target): Target => ({
    ...target,
    password: async (at) => {
      const password = await target.password(at);
      if (password !== undefined) redact.learn([password]);
      return password;
    },
  });
  const [first, ...rest] = settings.targets;
  return { ...settings, targets: [masked(first), ...rest.map(masked)] };
}
