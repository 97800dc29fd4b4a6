import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type SlackOptions, type SlackStandIn, startSlack } from '../../stack/slack/slack.ts';
import { startStdioServer, stateFolder, type AtEnd, type StdioServer } from '../stdio-server.ts';

/** The bundle under test, built by `npm run build`. */
export const bundle =
  process.env['SLACK_BUNDLE'] ?? fileURLToPath(new URL('../../../dist/servers/slack.cjs', import.meta.url));

export { stateFolder };
export type SlackServer = StdioServer;

/** For concurrent tests, where only a test's own context knows when it ends. */
export function within({ onTestFinished: atEnd }: { onTestFinished: AtEnd }) {
  return {
    standIn: (options: SlackOptions = {}) => startStandIn(options, atEnd),
    stateFolder: () => stateFolder(atEnd),
    server: (slack: SlackStandIn, environment: Readonly<Record<string, string>> = {}) =>
      startServer(slack, environment, atEnd),
  };
}

/** A stand-in and a state folder, both removed when the test ends. */
export async function startStandIn(options: SlackOptions = {}, atEnd: AtEnd = onTestFinished): Promise<SlackStandIn> {
  const slack = await startSlack(options);
  atEnd(() => slack.stop());
  return slack;
}

export function startServer(
  slack: Pick<SlackStandIn, 'token' | 'apiUrl'>,
  environment: Readonly<Record<string, string>> = {},
  atEnd: AtEnd = onTestFinished,
): Promise<StdioServer> {
  const settings = { SLACK_BOT_TOKEN: slack.token, SLACK_API_URL: slack.apiUrl };
  return startStdioServer(bundle, { ...settings, ...environment }, atEnd);
}
