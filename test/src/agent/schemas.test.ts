import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { schemas, schemaText } from '../../stack/docs.ts';

describe('media', () => {
  it.each(Object.entries(schemas))('%s matches the parser; otherwise run npm run docs', (file, [title, schema]) => {
    expect(readFileSync(file, 'utf8')).toBe(schemaText(title, schema));
  });

  it('the built-in runbooks follow the published schema, a mistyped key does not', () => {
    const [title, schema] = schemas['media/runbook.schema.json'];
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(schemaText(title, schema)) as object);
    const text = readFileSync(new URL('../../../src/runbooks/failed-orders.md', import.meta.url), 'utf8');
    const front = parse(text.split(/^---$/m)[1] ?? '') as object;
    expect(validate(front)).toBe(true);
    expect(validate({ ...front, treshold: 5 })).toBe(false);
  });
});
