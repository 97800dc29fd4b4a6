import { createHash } from 'node:crypto';
import type { Log } from '../../../servers/kit/log.ts';
import { json, text, type Answer, type Call, type RouteModule } from '../http/route.ts';
import type { ReadIncident } from './incident.ts';
import { mapIncident } from './map-incident.ts';
import type { WebhookSecrets } from './secrets.ts';
import { readAlertmanager } from './sources/alertmanager.ts';
import { readGithub } from './sources/github.ts';
import { readHmac } from './sources/hmac.ts';
import { readPagerduty } from './sources/pagerduty.ts';
import type { Started, StartRun } from './start-run.ts';
import type { Trigger } from './triggers-file.ts';
import { verifyWebhook, type Proof } from './verify-webhook.ts';

export interface Hook {
  readonly name: string;
  readonly trigger: Trigger;
  readonly secrets: WebhookSecrets;
}

export interface HookPorts {
  readonly startRun: StartRun;
  readonly now: () => Date;
  readonly log: Log;
}

/** Each trigger receives webhooks at `/hooks/<name>`. */
export function hookRoutes(hooks: readonly Hook[], ports: HookPorts): RouteModule {
  return {
    routes: [
      {
        method: 'POST',
        path: '/hooks/:name',
        handle: async (call) => {
          const hook = hooks.find(({ name }) => name === call.parameters['name']);
          return hook === undefined ? text(404, 'There is no such trigger.') : receive(hook, call, ports);
        },
      },
    ],
  };
}

async function receive(hook: Hook, call: Call, ports: HookPorts): Promise<Answer> {
  const refused = await refuse(hook, call, ports);
  if (refused !== undefined) {
    ports.log('warn', 'refused a webhook', {
      trigger: hook.name,
      why: refused,
      from: call.request.socket.remoteAddress,
    });
    return text(401, 'The request is not signed as this trigger expects.');
  }
  const read = readIncident(hook.trigger, call);
  if (read.kind === 'nothing') return json(200, { runs: [], why: read.why });
  if (read.kind === 'invalid') return problem(hook, read.why, ports);
  const started: { readonly runbook: string; readonly started: Started }[] = [];
  let mapped = 0;
  for (const run of hook.trigger.runs) {
    const found = mapIncident(hook.name, run, read.incident);
    if (found.kind === 'problem') return problem(hook, `${run.runbook}: ${found.message}`, ports);
    if (found.kind === 'other') continue;
    mapped += 1;
    const source = `${hook.trigger.from} (${hook.name})`;
    const acceptGrants = run.accept_grants;
    started.push({ runbook: run.runbook, started: await ports.startRun({ ...found.run, source, acceptGrants }) });
  }
  if (mapped === 0) return json(200, { runs: [], why: 'no run of this trigger is for it' });
  const invalid = started.find((each) => each.started.kind === 'invalid');
  if (invalid?.started.kind === 'invalid')
    return problem(hook, `${invalid.runbook}: ${invalid.started.message}`, ports);
  if (started.some((each) => each.started.kind === 'limited')) {
    ports.log('warn', 'a limit was reached', { trigger: hook.name });
    return text(429, 'Too many runs of this runbook were started.', { 'retry-after': '300' });
  }
  return json(202, { runs: started.map(({ runbook, started: each }) => ({ runbook, ...each })) });
}

/** Why it is refused; undefined if the sender has proved who it is. */
async function refuse(
  { trigger, secrets }: Hook,
  { request, body }: Call,
  { now }: HookPorts,
): Promise<string | undefined> {
  const verify = () =>
    verifyWebhook({
      proof: proofOf(trigger),
      headers: request.headers,
      body,
      now: now(),
      secrets: secrets.current(),
    });
  const first = verify();
  if (first === 'valid') return undefined;
  // The secret may have been rotated since it was read.
  const again = (await secrets.renew()) ? verify() : first;
  return again === 'valid' ? undefined : again.why;
}

function proofOf({ from, proof }: Trigger): Proof {
  return from === 'alertmanager' ? (proof ?? 'bearer') : from;
}

function readIncident({ from }: Trigger, { body, request }: Call): ReadIncident {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { kind: 'invalid', why: 'the body is not JSON' };
  }
  switch (from) {
    case 'alertmanager':
      return readAlertmanager(parsed);
    case 'pagerduty':
      return readPagerduty(parsed);
    case 'github':
      return readGithub(parsed, request.headers, createHash('sha256').update(body).digest('hex'));
    case 'hmac':
      return readHmac(parsed);
  }
}

/** Nothing that another try would change. */
function problem({ name }: Hook, message: string, { log }: HookPorts): Answer {
  log('error', 'a webhook starts no run', { trigger: name, problem: message });
  return json(422, { error: message });
}
