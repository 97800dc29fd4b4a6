import { createHash } from 'node:crypto';
import type { Log } from '../../../servers/kit/log.ts';
import { json, text, type Answer, type Call, type RouteModule } from '../http/route.ts';
import { inert } from '../slack/inert.ts';
import { verifySlackSignature } from '../slack/verify-signature.ts';
import type { Started, StartRun } from './start-run.ts';
import type { SlackCommand, Triggers } from './triggers-file.ts';

export interface CommandPorts {
  readonly slack: NonNullable<Triggers['slack']>;
  readonly signingSecrets: readonly string[];
  readonly startRun: StartRun;
  readonly now: () => Date;
  readonly log: Log;
}

/**
 * `/switchboard failed-orders threshold=10` in Slack. It is answered when the run is in the queue: Slack waits for three
 * seconds. The end is told where the command was given.
 */
export function commandRoute(ports: CommandPorts): RouteModule {
  return { routes: [{ method: 'POST', path: '/slack/commands', handle: (call) => receive(call, ports) }] };
}

async function receive({ request, body }: Call, ports: CommandPorts): Promise<Answer> {
  const { slack, signingSecrets: secrets, log, now } = ports;
  const verified = verifySlackSignature({ body, headers: request.headers, now: now(), secrets });
  if (verified !== 'valid') {
    log('warn', 'refused a command', { why: verified.why, from: request.socket.remoteAddress });
    return text(401, 'The request is not signed by Slack.');
  }
  const form = new URLSearchParams(body.toString('utf8'));
  // Slack's own check that the address answers.
  if (form.get('ssl_check') === '1') return text(200, '');
  if (form.get('team_id') !== slack.team) return answer('This workspace may not start runs.');
  const [name = '', ...words] = (form.get('text') ?? '').trim().split(/\s+/u);
  const command = Object.hasOwn(slack.commands, name) ? slack.commands[name] : undefined;
  if (command === undefined) return answer(describeCommands(slack.commands, form.get('user_id')));
  const person = form.get('user_id') ?? '';
  if (!command.people.includes(person))
    return answer(`You may not start \`${name}\`. Ask who looks after the triggers file.`);
  const given = parametersOf(words, command);
  if (given.kind === 'problem') return answer(given.message);
  const started = await ports.startRun({
    runbook: command.runbook,
    parameters: { ...command.parameters, ...given.parameters },
    fromOthers: [],
    // The same for a request that is delivered or recorded and sent again.
    occasion: `slack/${name}/${createHash('sha256')
      .update(form.get('trigger_id') ?? body)
      .digest('hex')
      .slice(0, 32)}`,
    source: `${person} in Slack`,
    acceptGrants: command.accept_grants,
    reply: form.get('response_url') ?? undefined,
  });
  return answer(describeStart(name, started));
}

/** Only for who gave the command. */
function answer(message: string): Answer {
  return json(200, { response_type: 'ephemeral', text: message });
}

function parametersOf(
  words: readonly string[],
  { allow }: SlackCommand,
):
  | { readonly kind: 'parameters'; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: 'problem'; readonly message: string } {
  const parameters: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = word.slice(0, Math.max(equals, 0));
    if (equals < 1) return { kind: 'problem', message: 'Write parameters as name=value, such as threshold=10.' };
    if (!allow.includes(name))
      return { kind: 'problem', message: `It takes no \`${inert(name)}\`. ${describeAllowed(allow)}` };
    parameters[name] = word.slice(equals + 1);
  }
  return { kind: 'parameters', parameters };
}

function describeAllowed(allow: readonly string[]): string {
  return allow.length === 0 ? 'It takes no parameters.' : `It takes ${allow.map((name) => `\`${name}\``).join(', ')}.`;
}

function describeCommands(commands: CommandPorts['slack']['commands'], person: string | null): string {
  const theirs = Object.entries(commands).filter(([, { people }]) => person !== null && people.includes(person));
  if (theirs.length === 0) return 'There is nothing that you may start.';
  return [
    'You can start:',
    ...theirs.map(([name, { allow }]) => `• \`${[name, ...allow.map((each) => `${each}=…`)].join(' ')}\``),
  ].join('\n');
}

function describeStart(name: string, started: Started): string {
  switch (started.kind) {
    case 'queued':
      return `\`${name}\` was started. You get its result here.`;
    case 'known':
      return `\`${name}\` was started before.`;
    case 'limited':
      return `\`${name}\` was started too often in the last hour.`;
    case 'invalid':
      return `\`${name}\` cannot be started: ${inert(started.message)}`;
  }
}
