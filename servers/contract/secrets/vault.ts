import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { createOutbound } from '../network/outbound.ts';
import type { Variables } from '../network/proxy-choice.ts';
import { StoredSecretError, type SecretStore } from './store.ts';

const timeoutMs = 5_000;
const kubernetesToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

const authSchema = z.object({
  auth: z.object({ client_token: z.string(), lease_duration: z.number(), renewable: z.boolean() }),
});
const secretSchema = z.object({ data: z.object({ data: z.record(z.string(), z.unknown()) }) });

/**
 * HashiCorp Vault or OpenBao, key-value engine version 2. Signs in with VAULT_TOKEN, as an AppRole (VAULT_ROLE_ID and
 * VAULT_SECRET_ID) or as a Kubernetes service account (VAULT_K8S_ROLE).
 * https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2
 */
export function openVault(variables: Variables): SecretStore {
  const ask = createAsk(variables);
  let token: Promise<string> | undefined;

  const signIn = async (): Promise<string> => {
    const given = await readOwn(variables, 'VAULT_TOKEN');
    if (given !== undefined) return given;
    const login = await loginOf(variables);
    const response = await ask('POST', `auth/${login.mount}/login`, undefined, login.body);
    if (!response.ok) throw refused(response, 'the login');
    const { auth } = authSchema.parse(await response.json());
    if (auth.renewable && auth.lease_duration > 0) renewLater(auth.client_token, auth.lease_duration);
    return auth.client_token;
  };

  /** At two thirds of its time; where that fails, the next read signs in again. */
  const renewLater = (current: string, seconds: number): void => {
    const renew = async (): Promise<void> => {
      const response = await ask('POST', 'auth/token/renew-self', current, {});
      if (!response.ok) throw refused(response, 'the renewal');
      const { auth } = authSchema.parse(await response.json());
      if (auth.renewable && auth.lease_duration > 0) renewLater(current, auth.lease_duration);
    };
    setTimeout(
      () => {
        renew().catch(() => {
          token = undefined;
        });
      },
      Math.min((seconds * 2000) / 3, 2 ** 31 - 1),
    ).unref();
  };

  const currentToken = (): Promise<string> => {
    token ??= signIn().catch((error: unknown) => {
      token = undefined;
      throw error;
    });
    return token;
  };

  return async ({ path, key }) => {
    const where = kvPath(path);
    let response = await ask('GET', where, await currentToken());
    if (response.status === 403 || response.status === 401) {
      token = undefined; // it may have run out, or its file has another by now
      response = await ask('GET', where, await currentToken());
    }
    if (!response.ok) throw refused(response, 'the secret');
    const parsed = secretSchema.safeParse(await response.json());
    if (!parsed.success) throw new StoredSecretError('Vault has no secret of version 2 there');
    if (key === undefined)
      throw new StoredSecretError('the reference to Vault names no key: write vault:mount/path#key');
    const value = parsed.data.data.data[key];
    if (typeof value !== 'string' || value === '') throw new StoredSecretError('the secret in Vault has no such key');
    return value;
  };
}

type Ask = (method: string, path: string, token: string | undefined, body?: object) => Promise<Response>;

/** One request. @throws StoredSecretError where Vault does not answer. */
function createAsk(variables: Variables): Ask {
  const { fetch } = createOutbound(variables);
  const address = readAddress(variables);
  const namespace = variables['VAULT_NAMESPACE'] ?? '';
  return async (method, path, token, body) => {
    try {
      return await fetch(`${address}/v1/${path}`, {
        method,
        headers: {
          'x-vault-request': 'true',
          ...(token !== undefined && { 'x-vault-token': token }),
          ...(namespace !== '' && { 'x-vault-namespace': namespace }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw new StoredSecretError('Vault cannot be reached', { isAway: true, cause: error });
    }
  };
}

/** "kv/apps/jira" as "kv/data/apps/jira". @throws StoredSecretError for a path that would lead elsewhere. */
function kvPath(path: string): string {
  const [mount, ...rest] = path.split('/');
  const all = [mount ?? '', ...rest];
  if (rest.length === 0 || all.some((part) => part === '' || /^\.{1,2}$/u.test(part) || /[\\\p{Cc}]/u.test(part)))
    throw new StoredSecretError('the reference to Vault must be vault:mount/path#key');
  return [mount ?? '', 'data', ...rest].map(encodeURIComponent).join('/');
}

function readAddress(variables: Variables): string {
  const text = variables['VAULT_ADDR'] ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url === undefined || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)))
    throw new StoredSecretError('VAULT_ADDR must be the https address of Vault');
  return `${url.origin}${url.pathname.replace(/\/+$/u, '')}`;
}

async function loginOf(variables: Variables): Promise<{ mount: string; body: object }> {
  const roleId = await readOwn(variables, 'VAULT_ROLE_ID');
  const mount = variables['VAULT_AUTH_MOUNT'];
  if (roleId !== undefined)
    return {
      mount: mount ?? 'approle',
      body: { role_id: roleId, secret_id: await readOwn(variables, 'VAULT_SECRET_ID') },
    };
  const role = variables['VAULT_K8S_ROLE'] ?? '';
  if (role === '')
    throw new StoredSecretError('VAULT_TOKEN is not set, and neither is VAULT_ROLE_ID or VAULT_K8S_ROLE');
  const jwt = await readText('VAULT_K8S_TOKEN_FILE', variables['VAULT_K8S_TOKEN_FILE'] ?? kubernetesToken);
  return { mount: mount ?? 'kubernetes', body: { role, jwt } };
}

/** A variable, or the file that `NAME_FILE` names. */
async function readOwn(variables: Variables, name: string): Promise<string | undefined> {
  const direct = variables[name] ?? '';
  if (direct !== '') return direct;
  const path = variables[`${name}_FILE`] ?? '';
  return path === '' ? undefined : readText(`${name}_FILE`, path);
}

async function readText(name: string, path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new StoredSecretError(`${name} names the file ${path}, which cannot be read`, { cause: error });
  }
}

function refused({ status }: Response, what: string): StoredSecretError {
  const isAway = status === 429 || status >= 500;
  return new StoredSecretError(`Vault answered ${status} for ${what}`, { isAway });
}
