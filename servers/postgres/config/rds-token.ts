import { createHash, createHmac } from 'node:crypto';
import { readVariable, type Variables } from '../../kit/environment.ts';
import { ConfigurationError } from '../../kit/errors.ts';

/**
 * A password for AWS RDS with IAM authentication: a presigned `rds-db:connect` URL, valid for 15 minutes. Signature
 * version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * @throws ConfigurationError if the environment has no AWS credentials.
 */
export async function rdsToken(
  variables: Variables,
  region: string,
  target: { readonly host: string; readonly port: number; readonly user: string },
  now: Date = new Date(),
): Promise<string> {
  const id = await readVariable(variables, 'AWS_ACCESS_KEY_ID');
  const secret = await readVariable(variables, 'AWS_SECRET_ACCESS_KEY');
  const session = await readVariable(variables, 'AWS_SESSION_TOKEN');
  if (id === undefined || secret === undefined || region === '')
    throw new ConfigurationError(
      'DB_PASSWORD is rds-iam:REGION, which needs a region, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    );
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/rds-db/aws4_request`;
  const query = new Map([
    ['Action', 'connect'],
    ['DBUser', target.user],
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${id}/${scope}`],
    ['X-Amz-Date', time],
    ['X-Amz-Expires', '900'],
    ...(session === undefined ? [] : [['X-Amz-Security-Token', session] as const]),
    ['X-Amz-SignedHeaders', 'host'],
  ]);
  const canonicalQuery = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const host = `${target.host}:${target.port}`;
  const request = ['GET', '/', canonicalQuery, `host:${host}`, '', 'host', sha256('')].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = [day, region, 'rds-db', 'aws4_request'].reduce<Buffer>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return `${host}/?${canonicalQuery}&X-Amz-Signature=${signature}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
