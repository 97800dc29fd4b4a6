import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { StoredSecretError, type SecretStore } from './store.ts';

const fieldsSchema = z.record(z.string(), z.unknown());

/** AWS Secrets Manager. Region and credentials come from where the AWS SDK looks for them. */
export function openAwsSecrets(): SecretStore {
  const client = new SecretsManagerClient({ maxAttempts: 2 });
  return async ({ path, key }) => {
    const text = await ask(client, path);
    if (key === undefined) return text;
    const value = fieldsOf(text)?.[key];
    if (typeof value !== 'string' || value === '')
      throw new StoredSecretError('the secret in AWS Secrets Manager has no such key');
    return value;
  };
}

async function ask(client: SecretsManagerClient, name: string): Promise<string> {
  try {
    const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    if (text !== undefined && text !== '') return text;
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    const status = statusOf(error);
    const isAway = status === undefined || status === 429 || status >= 500;
    throw new StoredSecretError(`AWS Secrets Manager did not give the secret (${reason})`, { isAway, cause: error });
  }
  throw new StoredSecretError('the secret in AWS Secrets Manager has no text');
}

const answeredSchema = z.object({ $metadata: z.object({ httpStatusCode: z.number().optional() }) });

function statusOf(error: unknown): number | undefined {
  return answeredSchema.safeParse(error).data?.$metadata.httpStatusCode;
}

function fieldsOf(text: string): Record<string, unknown> | undefined {
  try {
    return fieldsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
