import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { listen } from '../../stack/listen.ts';

export interface TestIssuer {
  readonly url: string;
  /** The public key, as whoever attacks can read it. */
  readonly publicKey: CryptoKey;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** A token with these claims besides the usual ones; `undefined` leaves one out. */
  readonly sign: (claims: JWTPayload, header?: Record<string, unknown>) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** An issuer that signs whatever a test needs, which a real one would not. */
export async function startIssuer(audience: string): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  let asked = 0;
  let url = '';
  const server = createServer((request, response) => {
    const isMetadata = request.url === '/.well-known/oauth-authorization-server';
    if (request.url === '/jwks') asked += 1;
    const body = isMetadata ? { issuer: url, jwks_uri: `${url}/jwks` } : { keys: [jwk] };
    response.writeHead(isMetadata || request.url === '/jwks' ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  url = `http://127.0.0.1:${await listen(server)}`;
  const now = Math.floor(Date.now() / 1000);
  return {
    url,
    publicKey,
    asked: () => asked,
    sign: (claims, header = {}) => {
      const usual = { iss: url, aud: audience, sub: 'anna', iat: now, exp: now + 600, scope: 'jira:read' };
      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'at+jwt', ...header })
        .sign(privateKey);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
