import { createServer, type IncomingMessage } from 'node:http';
import { listen } from './listen.ts';

/** A stand-in for Vault and OpenBao, from their documentation: key-value engine version 2 and three sign-in methods. */
export interface VaultStandIn {
  readonly url: string;
  readonly set: (path: string, fields: Record<string, string>) => void;
  /** Revokes all tokens issued so far. */
  readonly revokeTokens: () => void;
  /** Method and path of every request. */
  readonly requests: () => readonly string[];
  readonly goAway: (isAway: boolean) => void;
  readonly stop: () => Promise<void>;
}

export const vaultLogin = {
  token: 'hvs.a-token-that-was-given',
  approle: { role_id: 'the-role', secret_id: 'the-secret-id-of-the-role' },
  kubernetes: { role: 'jira', jwt: 'the-token-of-the-pod' },
  namespace: 'team/web',
} as const;

/** @param leaseSeconds lifetime of the tokens it issues */
export async function startVault({ leaseSeconds = 3600 } = {}): Promise<VaultStandIn> {
  const secrets = new Map<string, Record<string, string>>();
  let tokens = new Set<string>([vaultLogin.token]);
  const requests: string[] = [];
  let isAway = false;
  const lease = (token: string) => ({ auth: { client_token: token, lease_duration: leaseSeconds, renewable: true } });
  const answer = async (request: IncomingMessage): Promise<[number, unknown]> => {
    const path = request.url ?? '';
    requests.push(`${request.method} ${path}`);
    if (isAway) return [503, { errors: ['sealed'] }];
    if (request.headers['x-vault-request'] !== 'true') return [412, { errors: [] }];
    if ((request.headers['x-vault-namespace'] ?? vaultLogin.namespace) !== vaultLogin.namespace)
      return [404, { errors: [] }];
    const text = Buffer.concat(await request.toArray()).toString();
    const method = /^\/v1\/auth\/(approle|kubernetes)\/login$/u.exec(path)?.[1];
    if (request.method === 'POST' && (method === 'approle' || method === 'kubernetes')) {
      if (text !== JSON.stringify(vaultLogin[method])) return [400, { errors: ['invalid role or secret ID'] }];
      const token = `hvs.given-out-${tokens.size}-${requests.length}`;
      tokens.add(token);
      return [200, lease(token)];
    }
    const sent = String(request.headers['x-vault-token']);
    if (!tokens.has(sent)) return [403, { errors: ['permission denied'] }];
    if (path === '/v1/auth/token/renew-self') return [200, lease(sent)];
    const [, mount, name] = /^\/v1\/([^/]+)\/data\/(.+)$/u.exec(path) ?? [];
    const data = secrets.get(`${mount}/${name}`);
    return data === undefined ? [404, { errors: [] }] : [200, { data: { data, metadata: { version: 1 } } }];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(body));
    });
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    set: (path, fields) => void secrets.set(path, fields),
    revokeTokens: () => {
      tokens = new Set();
    },
    requests: () => requests,
    goAway: (away) => {
      isAway = away;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
