import { createServer, type ServerResponse } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { stringify } from 'yaml';
import * as z from 'zod';
import { listen } from '../listen.ts';
import { startProgram } from './program.ts';

interface Watched {
  /** The database of the shop. */
  readonly database: string;
  /** Where the alert is sent, with this token. */
  readonly webhook: { readonly url: string; readonly token: string };
  /** "127.0.0.1:9464" */
  readonly targets: readonly string[];
  readonly folder: string;
  readonly ports: { readonly prometheus: number; readonly alertmanager: number };
}

export interface Monitoring {
  /** The value of an expression; undefined where nothing matches yet. */
  readonly query: (expression: string) => Promise<number | undefined>;
  readonly stop: () => Promise<void>;
}

const rule = {
  groups: [
    {
      name: 'shop',
      rules: [
        {
          alert: 'OrdersFail',
          expr: 'shop_failed_orders > 5',
          labels: { severity: 'page', service: 'orders' },
          annotations: { summary: 'Orders fail' },
        },
      ],
    },
  ],
};

const answerSchema = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

/** Debian's Prometheus with one rule on the failed orders of the shop, and its Alertmanager, which calls the webhook again and again. */
export async function startMonitoring(watched: Watched): Promise<Monitoring> {
  const { folder, ports, webhook } = watched;
  const exporter = await startExporter(watched.database);
  await mkdir(folder, { recursive: true });
  const place = (name: string): string => join(folder, name);
  await writeFile(place('rules.yaml'), stringify(rule));
  await writeFile(
    place('prometheus.yaml'),
    stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [place('rules.yaml')],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${ports.alertmanager}`] }] }] },
      scrape_configs: [
        { job_name: 'shop', static_configs: [{ targets: [exporter.target] }] },
        { job_name: 'switchboard', static_configs: [{ targets: watched.targets }] },
      ],
    }),
  );
  await writeFile(
    place('alertmanager.yaml'),
    stringify({
      route: { receiver: 'switchboard', group_wait: '1s', group_interval: '1s', repeat_interval: '2s' },
      receivers: [
        {
          name: 'switchboard',
          webhook_configs: [
            { url: webhook.url, http_config: { authorization: { type: 'Bearer', credentials: webhook.token } } },
          ],
        },
      ],
    }),
  );
  const programs = [
    startProgram('prometheus-alertmanager', [
      `--config.file=${place('alertmanager.yaml')}`,
      `--storage.path=${place('alerts')}`,
      `--web.listen-address=127.0.0.1:${ports.alertmanager}`,
      '--cluster.listen-address=',
    ]),
    startProgram('prometheus', [
      `--config.file=${place('prometheus.yaml')}`,
      `--storage.tsdb.path=${place('series')}`,
      `--web.listen-address=127.0.0.1:${ports.prometheus}`,
    ]),
  ];
  return {
    query: async (expression) => {
      const url = new URL(`http://127.0.0.1:${ports.prometheus}/api/v1/query`);
      url.searchParams.set('query', expression);
      const response = await fetch(url).catch(() => undefined);
      if (response?.ok !== true) return undefined;
      const [first] = answerSchema.parse(await response.json()).data.result;
      return first === undefined ? undefined : Number(first.value[1]);
    },
    stop: async () => {
      for (const program of programs.toReversed()) await program.stop();
      await exporter.stop();
    },
  };
}

/** What a shop would measure itself: how many orders failed in the last day. */
async function startExporter(database: string): Promise<{ target: string; stop: () => Promise<void> }> {
  const client = new Client({ connectionString: database });
  await client.connect();
  const answer = async (response: ServerResponse): Promise<void> => {
    const { rows } = await client.query<{ failed: number }>(
      `select count(*)::int as failed from orders where status = 'failed' and created_at >= now() - interval '24 hours'`,
    );
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`# TYPE shop_failed_orders gauge\nshop_failed_orders ${rows[0]?.failed ?? 0}\n`);
  };
  const server = createServer((_, response) => {
    answer(response).catch(() => response.writeHead(500).end());
  });
  const port = await listen(server);
  return {
    target: `127.0.0.1:${port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await client.end();
    },
  };
}
