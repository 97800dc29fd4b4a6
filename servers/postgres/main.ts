import { runServer } from '../kit/run-server.ts';
import type { Redactor } from '../contract/redact.ts';
import { readSettings, type Settings } from './config/config.ts';
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
    const secrets = await Promise.all(settings.targets.map((target) => target.password()));
    return {
      secrets: secrets.filter((secret) => secret !== undefined),
      connect: ({ log, redact }) => openDatabases(withMaskedPasswords(settings, redact), log),
      narrow: (databases, places) => (places.databases === 'all' ? databases : databases.only(places.databases)),
      dispose: (databases) => databases.dispose(),
    };
  },
});

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
