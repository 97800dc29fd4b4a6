import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import * as z from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claudeOf, claudeSecrets, hasClaude } from '../../src/claude-source.ts';
import type { ModelEvent } from '../../src/agent/model/model.ts';
import { decideRetry, modelRetryPolicy } from '../../src/agent/model/retry.ts';
import { startClaude, type ClaudeStandIn } from '../stack/claude/start-claude.ts';
import { listen } from '../stack/listen.ts';

type Variables = Readonly<Record<string, string>>;

let claude: ClaudeStandIn;
const ends: (() => Promise<void>)[] = [];
beforeEach(async () => {
  claude = await startClaude({ script: () => ({ text: 'Five orders failed.' }) });
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await claude.stop();
});

interface Gateway {
  readonly url: string;
  readonly seen: { readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: unknown }[];
}

/** A company's gateway: accepts the request of a platform's client and forwards it to the stand-in in the API's format. */
async function startGateway(
  kind: 'api' | 'bedrock',
  refuse: (request: IncomingMessage) => boolean = () => false,
): Promise<Gateway> {
  const seen: Gateway['seen'] = [];
  const answer = async (request: IncomingMessage): Promise<{ status: number; type: string; body: Uint8Array }> => {
    const path = request.url ?? '/';
    const body = z.record(z.string(), z.unknown()).parse(JSON.parse((await buffer(request)).toString()));
    seen.push({ path, headers: request.headers, body });
    if (refuse(request))
      return {
        status: 401,
        type: 'application/json',
        body: Buffer.from('{"type":"error","error":{"type":"authentication_error","message":"no"}}'),
      };
    const { anthropic_version: _, ...asked } = body;
    const model = asked['model'] ?? /(?:model|models)\/([^/:]+)/.exec(decodeURIComponent(path))?.[1];
    const response = await fetch(`${claude.url}/v1/messages`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer key-of-the-gateway',
        'anthropic-version': '2026-10-21',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ...asked, model, stream: true }),
    });
    const text = await response.text();
    if (kind === 'api') return { status: response.status, type: 'text/event-stream', body: Buffer.from(text) };
    return { status: 200, type: 'application/vnd.amazon.eventstream', body: asEventStream(text) };
  };
  const server = createServer((request, response) => {
    void answer(request).then(({ status, type, body }) =>
      response.writeHead(status, { 'content-type': type }).end(body),
    );
  });
  const port = await listen(server);
  ends.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return { url: `http://127.0.0.1:${port}`, seen };
}

/** Bedrock frames, each with one API event in base64. */
function asEventStream(sse: string): Uint8Array {
  const codec = new EventStreamCodec(toUtf8, fromUtf8);
  const frames = sse.split('\n').flatMap((line) => {
    if (!line.startsWith('data: ')) return [];
    const body = Buffer.from(JSON.stringify({ bytes: Buffer.from(line.slice('data: '.length)).toString('base64') }));
    const text = (value: string) => ({ type: 'string', value }) as const;
    return [
      codec.encode({
        headers: {
          ':event-type': text('chunk'),
          ':content-type': text('application/json'),
          ':message-type': text('event'),
        },
        body,
      }),
    ];
  });
  return Buffer.concat(frames);
}

async function ask(variables: Variables, model = 'claude-sonnet-5-5', maxWaitSeconds = 0) {
  const source = claudeOf(variables, { model, effort: 'default', 'anthropic.maxWaitSeconds': maxWaitSeconds }, fetch);
  const messages = [
    { role: 'user', content: [{ type: 'text', text: 'How many?' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'Wait.' }] },
    { role: 'user', content: [{ type: 'text', text: 'And?' }] },
  ] as const;
  const events: ModelEvent[] = [];
  const request = { system: 'Be brief.', messages, tools: [], maxTokens: 1000, signal: new AbortController().signal };
  for await (const event of source.stream(request)) events.push(event);
  return events;
}

const text = (events: readonly ModelEvent[]) =>
  events
    .map((event) =>
      event.type === 'text-delta' ? event.text : event.type === 'turn-failed' ? event.failure.message : '',
    )
    .join('');

describe('Claude at a gateway', () => {
  it.each(['', '/', '/v1', '/v1/', '/v1/messages'])(
    'accepts a bearer token and extra headers, with a URL ending in "%s"',
    async (end) => {
      const gateway = await startGateway('api');
      const variables = {
        ANTHROPIC_BASE_URL: `${gateway.url}${end}`,
        ANTHROPIC_AUTH_TOKEN: 'token-of-the-gateway',
        ANTHROPIC_CUSTOM_HEADERS: 'X-Team: on-call\nX-Trace:  a: b \nno header',
      };
      expect(text(await ask(variables))).toBe('Five orders failed.');
      expect(gateway.seen[0]?.path).toBe('/v1/messages');
      expect(gateway.seen[0]?.headers).toMatchObject({
        authorization: 'Bearer token-of-the-gateway',
        'x-team': 'on-call',
        'x-trace': 'a: b',
      });
      expect(claudeSecrets(variables)).toContain('token-of-the-gateway');
    },
  );

  it('uses the key that a command prints, and runs the command again when the key is rejected', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchboard-key-'));
    ends.push(() => Promise.resolve(rmSync(folder, { recursive: true })));
    const count = join(folder, 'count');
    const gateway = await startGateway('api', ({ headers }) => headers.authorization === 'Bearer key-1');
    const variables = {
      ANTHROPIC_BASE_URL: gateway.url,
      ANTHROPIC_API_KEY_COMMAND: `printf x >> ${count}; echo "key-$(wc -c < ${count} | tr -d ' ')"`,
    };
    expect(text(await ask(variables))).toBe('Five orders failed.');
    expect(gateway.seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer key-1', 'Bearer key-2']);
    expect(readFileSync(count, 'utf8')).toBe('xx');
  });

  it.each([
    ['exit 3', /failed \(3\)\. Run it in a shell/],
    ['echo two words', /must print the key and nothing else/],
    ['true', /must print the key and nothing else/],
  ])('says what is wrong with the command %s', async (command, message) => {
    const said = text(await ask({ ANTHROPIC_BASE_URL: claude.url, ANTHROPIC_API_KEY_COMMAND: command }));
    expect(said).toMatch(message);
    expect(said).not.toContain('two words');
  });
});

describe("Claude on a company's platform", () => {
  it('is Amazon Bedrock, with its key', async () => {
    const gateway = await startGateway('bedrock');
    const id = 'us.anthropic.claude-sonnet-5-5-20261001-v1:0';
    const variables = {
      CLAUDE_CODE_USE_BEDROCK: '1',
      AWS_REGION: 'eu-central-1',
      AWS_BEARER_TOKEN_BEDROCK: 'key-of-bedrock',
      ANTHROPIC_BEDROCK_BASE_URL: gateway.url,
    };
    expect(text(await ask(variables, id))).toBe('Five orders failed.');
    expect(decodeURIComponent(gateway.seen[0]?.path ?? '')).toBe(`/model/${id}/invoke-with-response-stream`);
    expect(gateway.seen[0]?.headers.authorization).toBe('Bearer key-of-bedrock');
    expect(gateway.seen[0]?.body).not.toHaveProperty('cache_control');
  });

  it('is Vertex AI, with a Google token', async () => {
    const gateway = await startGateway('api');
    const variables = {
      SWITCHBOARD_PLATFORM: 'vertex',
      CLOUD_ML_REGION: 'us-east5',
      ANTHROPIC_VERTEX_PROJECT_ID: 'acme',
      ANTHROPIC_VERTEX_ACCESS_TOKEN: 'token-of-google',
      ANTHROPIC_VERTEX_BASE_URL: `${gateway.url}/v1`,
    };
    expect(text(await ask(variables, 'claude-sonnet-5-5@20261001'))).toBe('Five orders failed.');
    expect(gateway.seen[0]?.path).toContain(
      '/projects/acme/locations/us-east5/publishers/anthropic/models/claude-sonnet-5-5',
    );
    expect(gateway.seen[0]?.headers.authorization).toBe('Bearer token-of-google');
  });

  it('is Microsoft Foundry, with its key', async () => {
    const gateway = await startGateway('api');
    const variables = {
      CLAUDE_CODE_USE_FOUNDRY: 'true',
      ANTHROPIC_FOUNDRY_API_KEY: 'key-of-foundry',
      ANTHROPIC_FOUNDRY_BASE_URL: `${gateway.url}/anthropic`,
    };
    expect(text(await ask(variables))).toBe('Five orders failed.');
    expect(gateway.seen[0]?.path).toBe('/anthropic/v1/messages');
    expect(JSON.stringify(gateway.seen[0]?.headers)).toContain('key-of-foundry');
  });

  it('is chosen by variables and named in its errors', async () => {
    expect(hasClaude({})).toBe(false);
    expect(hasClaude({ CLAUDE_CODE_USE_VERTEX: '0' })).toBe(false);
    expect(hasClaude({ SWITCHBOARD_PLATFORM: 'bedrock' })).toBe(true);
    const gateway = await startGateway('api', () => true);
    const variables = {
      SWITCHBOARD_PLATFORM: 'foundry',
      ANTHROPIC_FOUNDRY_API_KEY: 'wrong',
      ANTHROPIC_FOUNDRY_BASE_URL: `${gateway.url}/anthropic`,
    };
    expect(text(await ask(variables))).toBe('Microsoft Foundry rejected the key. Check ANTHROPIC_FOUNDRY_API_KEY.');
  });
});

describe('a busy model', () => {
  it('is retried within the limit, each time with the remaining time', async () => {
    claude.misbehave({ fault: { kind: 'status', status: 529, retryAfter: '1' }, times: 2 });
    const events = await ask(
      { ANTHROPIC_API_KEY: 'key-of-the-gateway', ANTHROPIC_BASE_URL: claude.url },
      undefined,
      90,
    );
    expect(text(events)).toBe('Five orders failed.');
    const reasons = events.flatMap((event) => (event.type === 'retry-scheduled' ? [event.reason] : []));
    expect(reasons.map((reason) => /up to ([\w ]+) more/.exec(reason)?.[1])).toEqual(['1 min 30 s', '1 min 29 s']);
    claude.misbehave({ fault: { kind: 'status', status: 529 }, times: 1 });
    const gone = await ask({ ANTHROPIC_API_KEY: 'key-of-the-gateway', ANTHROPIC_BASE_URL: claude.url });
    expect(text(gone)).toBe('The Anthropic API is overloaded.');
  });

  it.each([undefined, 1000])(
    'is retried for ten minutes, with Retry-After %s, in any number of attempts',
    (retryAfterMs) => {
      let waitedMs = 0;
      let attempt = 1;
      for (; ; attempt += 1) {
        const decision = decideRetry(modelRetryPolicy, { attempt, waitedMs, isBusy: true, retryAfterMs }, 0.5);
        if (decision.kind === 'give-up') break;
        waitedMs += decision.delayMs;
      }
      expect(waitedMs).toBeGreaterThan(560_000);
      expect(waitedMs).toBeLessThanOrEqual(600_000);
      const broken = { attempt: 6, waitedMs: 0, isBusy: false, retryAfterMs: undefined };
      expect(decideRetry(modelRetryPolicy, broken, 0.5).kind).toBe('give-up');
    },
  );
});
