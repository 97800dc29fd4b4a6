import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { networkFault } from '../servers/contract/network/faults.ts';
import { CredentialError } from './agent/model/claude-failures.ts';
import { createClaudeModel, type ClaudeOptions, type Credential } from './agent/model/claude-model.ts';
import { createPlatformModel } from './agent/model/claude-platforms.ts';
import type { PlatformName, PlatformSettings } from './agent/model/claude-platform.ts';
import type { Model } from './agent/model/model.ts';
import { modelRetryPolicy } from './agent/model/retry.ts';
import type { Settings, Variables } from './settings.ts';

/** Claude as configured in the environment: the Anthropic API, a gateway, or a company's cloud. */
export function claudeOf(
  variables: Variables,
  settings: Pick<Settings, 'model' | 'effort' | 'anthropic.maxWaitSeconds'>,
  send: typeof fetch,
  wanted?: string,
): Model {
  const platform = platformOf(variables);
  const options: ClaudeOptions = {
    model: wanted ?? settings.model,
    effort: settings.effort === 'default' ? undefined : settings.effort,
    apiKey: given(variables, 'ANTHROPIC_API_KEY'),
    baseUrl: variables['ANTHROPIC_BASE_URL'],
    credential: credentialOf(variables),
    headers: customHeaders(variables),
    fetch: send,
    retry: { ...modelRetryPolicy, patienceMs: settings['anthropic.maxWaitSeconds'] * 1000 },
    platform: { faultOf: networkFault },
  };
  return platform === undefined ? createClaudeModel(options) : createPlatformModel(options, platform);
}

/** Whether access to Claude is configured. */
export function hasClaude(variables: Variables): boolean {
  const names = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_API_KEY_COMMAND'];
  return platformOf(variables) !== undefined || names.some((name) => given(variables, name) !== '');
}

/** Values that must not appear in logs. */
export function claudeSecrets(variables: Variables): readonly string[] {
  const names = ['ANTHROPIC_AUTH_TOKEN', 'AWS_BEARER_TOKEN_BEDROCK', 'ANTHROPIC_FOUNDRY_API_KEY'];
  const headers = Object.values(customHeaders(variables)).filter((value) => value.length >= 12);
  return [...names.map((name) => given(variables, name)).filter((value) => value !== ''), ...headers];
}

function given(variables: Variables, name: string): string {
  return variables[name]?.trim() ?? '';
}

const switches: readonly (readonly [PlatformName, string])[] = [
  ['bedrock', 'CLAUDE_CODE_USE_BEDROCK'],
  ['vertex', 'CLAUDE_CODE_USE_VERTEX'],
  ['foundry', 'CLAUDE_CODE_USE_FOUNDRY'],
];

/** From `SWITCHBOARD_PLATFORM`, otherwise from Claude Code's variables, which companies have often already set. */
function platformOf(variables: Variables): PlatformSettings | undefined {
  const named = given(variables, 'SWITCHBOARD_PLATFORM').toLowerCase();
  const [name] =
    switches.find(([platform, variable]) =>
      named === '' ? /^(?:1|true|yes|on)$/i.test(given(variables, variable)) : platform === named,
    ) ?? [];
  const first = (...names: string[]): string =>
    names.map((each) => given(variables, each)).find((value) => value !== '') ?? '';
  switch (name) {
    case undefined:
      return undefined;
    case 'bedrock':
      return {
        name,
        region: first('AWS_REGION', 'AWS_DEFAULT_REGION'),
        project: '',
        key: first('AWS_BEARER_TOKEN_BEDROCK'),
        baseUrl: first('ANTHROPIC_BEDROCK_BASE_URL'),
      };
    case 'vertex':
      return {
        name,
        region: first('CLOUD_ML_REGION'),
        project: first('ANTHROPIC_VERTEX_PROJECT_ID', 'GOOGLE_CLOUD_PROJECT'),
        key: first('ANTHROPIC_VERTEX_ACCESS_TOKEN'),
        baseUrl: first('ANTHROPIC_VERTEX_BASE_URL'),
      };
    case 'foundry':
      return {
        name,
        region: '',
        project: first('ANTHROPIC_FOUNDRY_RESOURCE'),
        key: first('ANTHROPIC_FOUNDRY_API_KEY'),
        baseUrl: first('ANTHROPIC_FOUNDRY_BASE_URL'),
      };
  }
}

/** A key takes precedence over a token, and both over a command. */
function credentialOf(variables: Variables): Credential | undefined {
  const command = given(variables, 'ANTHROPIC_API_KEY_COMMAND');
  const authToken = given(variables, 'ANTHROPIC_AUTH_TOKEN');
  if (given(variables, 'ANTHROPIC_API_KEY') !== '') return undefined;
  if (authToken !== '') return () => Promise.resolve({ authToken });
  if (command === '') return undefined;
  let printed: Promise<string> | undefined;
  return async (isRefused) => {
    if (isRefused) printed = undefined;
    printed ??= keyPrintedBy(command);
    try {
      return { apiKey: await printed };
    } catch (error) {
      printed = undefined;
      throw error;
    }
  };
}

const commandLimitMs = 30_000;
const run = promisify(execFile);

/** @throws CredentialError without anything the command printed to standard output. */
async function keyPrintedBy(command: string): Promise<string> {
  const [shell, flag] = process.platform === 'win32' ? ['cmd.exe', '/c'] : ['/bin/sh', '-c'];
  let key: string;
  try {
    const { stdout } = await run(shell, [flag, command], { timeout: commandLimitMs, encoding: 'utf8' });
    key = stdout.trim();
  } catch (error) {
    const how = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new CredentialError(`The command in ANTHROPIC_API_KEY_COMMAND failed${how}. Run it in a shell to see why.`);
  }
  if (key !== '' && !/\s/.test(key)) return key;
  throw new CredentialError('The command in ANTHROPIC_API_KEY_COMMAND must print the key and nothing else.');
}

/** `Name: value`, one per line. Lines that are not headers are ignored. */
function customHeaders(variables: Variables): Readonly<Record<string, string>> {
  const lines = given(variables, 'ANTHROPIC_CUSTOM_HEADERS').split(/\r?\n|\\n/);
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^\s*([!#$%&'*+.^`|~\w-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
      return name === undefined || value === undefined || value === '' ? [] : [[name, value] as const];
    }),
  );
}
