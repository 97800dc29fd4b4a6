import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { policyFileSchema } from '../../../src/agent/policy/policy-file.ts';
import { frontMatterSchema } from '../../../src/agent/runbook/schema.ts';

// The published schemas are made from the ones that check: `vitest run -u` writes them anew.
const published = {
  'policy.schema.json': ['Switchboard policy file', policyFileSchema],
  'runbook.schema.json': ['Front matter of a Switchboard runbook', frontMatterSchema],
} as const;

function schemaText(title: string, schema: z.ZodType): string {
  return `${JSON.stringify({ title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`;
}

describe('media', () => {
  it.each(Object.entries(published))('%s is what the parser checks', async (file, [title, schema]) => {
    await expect(schemaText(title, schema)).toMatchFileSnapshot(`../../../media/${file}`);
  });

  it('the built-in runbooks follow the published schema, a mistyped key does not', () => {
    const [title, schema] = published['runbook.schema.json'];
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(schemaText(title, schema)) as object);
    const text = readFileSync(new URL('../../../src/runbooks/failed-orders.md', import.meta.url), 'utf8');
    const front = parse(text.split(/^---$/m)[1] ?? '') as object;
    expect(validate(front)).toBe(true);
    expect(validate({ ...front, treshold: 5 })).toBe(false);
  });
});
