import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createGrantStore, GrantStoreError } from '../../../src/sessions/grant-store.ts';

let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchboard-grants-'));
  file = join(folder, 'state', 'grants.json');
  return () => rmSync(folder, { recursive: true, force: true });
});

const hash = (letter: string): string => letter.repeat(64);

describe('what the user allowed', () => {
  it('is stored once and can be revoked', async () => {
    const grant = { tool: 'post_slack_message', where: { channel: ['#operations'] }, limit: 1 };
    await createGrantStore(file).addGrant(grant);
    await createGrantStore(file).addGrant({ ...grant });
    expect(await createGrantStore(file).grants()).toEqual([grant]);
    await createGrantStore(file).removeGrant({ ...grant });
    expect(await createGrantStore(file).grants()).toEqual([]);
  });

  it('for a runbook counts only for the accepted text', async () => {
    const store = createGrantStore(file);
    await store.acceptRunbook('failed-orders', hash('a'));
    expect(await store.isAccepted('failed-orders', hash('a'))).toBe(true);
    expect(await store.isAccepted('failed-orders', hash('b'))).toBe(false);
    expect(await store.isAccepted('constructor', hash('a'))).toBe(false);
    expect(await store.isAccepted('__proto__', hash('a'))).toBe(false);
  });

  it('is not lost when several windows write concurrently', async () => {
    const grants = Array.from({ length: 20 }, (_, index) => ({ tool: `tool_${index}` }));
    await Promise.all(grants.map((grant) => createGrantStore(file).addGrant(grant)));
    const kept = await createGrantStore(file).grants();
    expect(new Set(kept.map(({ tool }) => tool))).toEqual(new Set(grants.map(({ tool }) => tool)));
  });

  it.each([
    ['{"version":1', 'not valid JSON'],
    ['{"version":2,"grants":[],"acceptedRunbooks":{}}', 'version'],
    ['{"version":1,"grants":[{"tool":"x","were":{}}],"acceptedRunbooks":{}}', 'grants.0'],
    ['{"version":1,"grants":[],"acceptedRunbooks":{"a":"short"}}', 'acceptedRunbooks.a'],
  ])('grants nothing while its file is damaged, and the file stays: %s', async (text, field) => {
    await createGrantStore(file).acceptRunbook('a', hash('a'));
    writeFileSync(file, text);
    const store = createGrantStore(file);
    await expect(store.grants()).rejects.toThrow(GrantStoreError);
    await expect(store.grants()).rejects.toThrow(field);
    await expect(store.addGrant({ tool: 'x' })).rejects.toThrow(file);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
