import { runServer } from '../kit/run-server.ts';
import { readSettings } from './config/config.ts';
import { Databases } from './databases.ts';
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
  configure: async (variables) => {
    const settings = await readSettings(variables);
    const secrets = await Promise.all(settings.targets.map((target) => target.password()));
    return {
      secrets: secrets.filter((secret) => secret !== undefined),
      connect: ({ log }) => new Databases(settings, log),
      dispose: (databases) => databases.dispose(),
    };
  },
});
