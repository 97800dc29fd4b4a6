import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import * as z from 'zod';
import { listen } from './listen.ts';

/** A stand-in for AWS Secrets Manager that checks the signature of each request (version 4). */
export interface AwsStandIn {
  readonly url: string;
  readonly set: (name: string, text: string) => void;
  readonly stop: () => Promise<void>;
}

export const awsLogin = { region: 'eu-west-1', id: 'AKIDEXAMPLE', secret: 'the-secret-access-key' } as const;

const askSchema = z.object({ SecretId: z.string() });

export async function startAwsSecrets(): Promise<AwsStandIn> {
  const secrets = new Map<string, string>();
  const answer = async (request: IncomingMessage): Promise<[number, unknown]> => {
    const body = Buffer.concat(await request.toArray());
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue')
      return [400, { __type: 'UnknownOperation' }];
    if (!isSigned(request, body)) return [400, { __type: 'InvalidSignatureException' }];
    const { SecretId: name } = askSchema.parse(JSON.parse(body.toString()));
    const text = secrets.get(name);
    return text === undefined
      ? [400, { __type: 'ResourceNotFoundException' }]
      : [200, { Name: name, SecretString: text }];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      return response.end(JSON.stringify(body));
    });
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    set: (name, text) => void secrets.set(name, text),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const { headers } = request;
  const { scope, names, signature } =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/(?<scope>\S+), SignedHeaders=(?<names>\S+), Signature=(?<signature>\w+)$/u.exec(
      headers.authorization ?? '',
    )?.groups ?? {};
  if (scope === undefined || names === undefined) return false;
  const [day = '', region = '', service = '', end = ''] = scope.split('/');
  const lines = names.split(';').map((name) => `${name}:${String(headers[name])}`);
  const canonical = ['POST', '/', '', ...lines, '', names, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const key = [region, service, end].reduce(hmac, hmac(`AWS4${awsLogin.secret}`, day));
  return region === awsLogin.region && hmac(key, toSign).toString('hex') === signature;
}

function sha256(text: Buffer | string): string {
  return createHash('sha256').update(text).digest('hex');
}
