import { connectedSettings, runbookSettings } from '../vscode/window/connected-settings.ts';
import { startEditor } from '../vscode/window/editor.ts';
import { quietSettings } from '../vscode/window/quiet-settings.ts';
import { startStack } from './stack.ts';

/** Slow enough to watch the stand-in stream its answer. */
const paceMs = 12;

async function main(): Promise<void> {
  const apiKey = process.env['ANTHROPIC_API_KEY'];
  const anthropic = apiKey === undefined ? undefined : { apiKey, baseUrl: process.env['ANTHROPIC_BASE_URL'] };
  console.log('Starting PostgreSQL, Jira, Slack and VS Code. The first time, VS Code is fetched from npm.');
  const stack = await startStack({ claude: { paceMs }, ...(anthropic !== undefined && { anthropic }) });
  try {
    const editor = await startEditor({
      settings: { ...quietSettings, ...runbookSettings },
      machineSettings: connectedSettings(stack),
      environment: stack.secrets,
      port: Number(process.env['PORT'] ?? 0),
    });
    try {
      console.log(`
  VS Code    ${editor.server.url}/?folder=${encodeURIComponent(stack.workspace.folder)}
  Jira       ${stack.jira.url}/browse/ENG-1
  Slack      ${stack.slack.channelUrl('#operations')}

Open the first in a browser. In its palette (F1), run "Switchboard: Investigate Failed Orders".
${stack.claude === undefined ? 'Claude is the real one.' : 'Claude is a stand-in, a script: set ANTHROPIC_API_KEY to use Claude itself.'}
Ctrl-C stops everything.`);
      await stopSignal();
    } finally {
      await editor.stop();
    }
  } finally {
    await stack.stop();
  }
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}

await main();
