import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeIssues } from '../../../../src/agent/yaml.ts';
import { createEvidenceStore } from '../../../../src/agent/evidence/store.ts';
import {
  bindRunbook,
  evaluateCondition,
  fillInstructions,
  parseRunbook,
  type BoundRunbook,
  type Runbook,
} from '../../../../src/agent/runbook/runbook.ts';
import { addObject, addTable } from '../evidence-samples.ts';

const folder = new URL('../../../../src/runbooks/', import.meta.url);

function load(source: string): Runbook {
  const parsed = parseRunbook(source, 'x.md');
  if (parsed.kind === 'invalid') throw new Error(describeIssues('x.md', parsed.issues));
  return parsed.runbook;
}

function bind(runbook: Runbook, given: Record<string, unknown> = {}): BoundRunbook {
  const result = bindRunbook(runbook, given);
  if (result.kind === 'invalid') throw new Error(result.problems.join('\n'));
  return result.bound;
}

function issues(source: string): string {
  const parsed = parseRunbook(source, 'x.md');
  return parsed.kind === 'valid' ? '' : describeIssues('x.md', parsed.issues);
}

const failedOrders = readFileSync(new URL('failed-orders.md', folder), 'utf8');

describe('the built-in runbooks', () => {
  it.each(readdirSync(folder))('%s is valid and binds with its defaults', (file) => {
    const runbook = load(readFileSync(new URL(file, folder), 'utf8'));
    expect(`${runbook.name}.md`).toBe(file);
    expect(bind(runbook).runbook.instructions).not.toBe('');
  });
});

describe('parameters', () => {
  const runbook = load(failedOrders);

  it('go to SQL as bound parameters and quoted names, never as text', () => {
    const bound = bind(runbook, { status: "x'; DROP TABLE orders; --", table: 'shop.Orders', threshold: '7' });
    const [measure] = bound.measures;
    expect(measure?.arguments['query']).toContain('FROM "shop"."Orders"');
    expect(measure?.arguments['query']).not.toContain('DROP');
    expect(measure?.arguments['params']).toEqual(["x'; DROP TABLE orders; --", 24]);
    expect(bound.parameters['threshold']).toBe(7);
  });

  it.each<[string, unknown, RegExp]>([
    ['table', 'orders; DROP TABLE x', /'table' must be a name of letters/],
    ['table', 'or"ders', /'table' must be a name/],
    ['table', '', /'table' must be a name/],
    ['threshold', 'five', /'threshold' must be a number, not 'five'/],
    ['threshold', '5.5', /must be a whole number/],
    ['threshold', -1, /must be at least 0/],
    ['window_hours', 100_000, /must be at most 720/],
    ['project', 'eng', /must match/],
    ['project', 'ENG OR project = X', /must match/],
    ['treshold', 5, /Unknown parameter 'treshold'\. Parameters of failed-orders: table/],
  ])('%s = %j is refused', (name, value, message) => {
    const result = bindRunbook(runbook, { [name]: value });
    expect(result.kind === 'invalid' ? result.problems.join() : 'bound').toMatch(message);
  });

  it('reach the grants, and another destination must be accepted again', () => {
    const usual = bind(runbook);
    const other = bind(runbook, { project: 'OPS', channel: '#oncall' });
    expect(other.grants.map(({ where }) => where)).toEqual([{ project_key: ['OPS'] }, { channel: ['#oncall'] }]);
    expect(other.acceptance).not.toBe(usual.acceptance);
    expect(bind(runbook, { threshold: 9 }).acceptance).toBe(usual.acceptance);
    expect(bind(load(`${failedOrders}\nAlso post to #general.`)).acceptance).not.toBe(usual.acceptance);
  });
});

describe('the threshold', () => {
  const run = (failed: unknown, given: Record<string, unknown> = {}) => {
    const bound = bind(load(failedOrders), given);
    const store = createEvidenceStore();
    const results = new Map([['failed_count', addTable(store, { failed_count: 'int8' }, [[failed]])]]);
    const [condition] = bound.conditions;
    if (condition === undefined) throw new Error('no condition');
    return { evaluated: evaluateCondition(condition, bound.parameters, results), condition, bound, results };
  };

  it.each([
    ['5', {}, false, '5 > 5'],
    ['6', {}, true, '6 > 5'],
    [6, {}, true, '6 > 5'],
    ['6', { threshold: 6 }, false, '6 > 6'],
    ['0', { threshold: 0 }, false, '0 > 0'],
    ['100000', {}, true, '100000 > 5'],
  ])('%s with %j holds: %s', (failed, given, holds, explained) => {
    expect(run(failed, given).evaluated).toMatchObject({ kind: 'evaluated', state: { holds, explained } });
  });

  it.each([
    ['null', null],
    ['text', 'many'],
    ['a number too large to be exact', '9007199254740993'],
  ])('that is %s cannot be evaluated, and does not hold', (_, failed) => {
    const { evaluated } = run(failed);
    expect(evaluated).toMatchObject({ kind: 'failed', state: { holds: false } });
  });

  it('needs exactly one row', () => {
    const bound = bind(load(failedOrders));
    const store = createEvidenceStore();
    const results = new Map([['failed_count', addTable(store, { failed_count: 'int8' }, [[1], [9]])]]);
    const [condition] = bound.conditions;
    if (condition === undefined) throw new Error('no condition');
    const twice = evaluateCondition(condition, bound.parameters, results);
    expect(twice.kind === 'failed' ? twice.message : '').toContain('failed_count has 2 rows instead of one');
    expect(evaluateCondition(condition, bound.parameters, new Map())).toMatchObject({ kind: 'failed' });
  });

  it('is reported with its values when there is nothing to do', () => {
    const { condition, bound, results } = run('5');
    expect(fillInstructions(condition.otherwise ?? '', bound.parameters, results)).toBe(
      '5 orders of orders failed in the last 24 hours, which is not more than 5. Nothing was filed or posted.',
    );
  });

  it('may refer to a result that is not a table', () => {
    const store = createEvidenceStore();
    const source =
      '---\nname: x\ntitle: x\nmeasures: {health: {tool: get_database_health}}\nconditions: [{name: c, expression: health.waiting > 3, requires: [post_slack_message]}]\n---\n';
    const [condition] = bind(load(source)).conditions;
    if (condition === undefined) throw new Error('no condition');
    const results = new Map([['health', addObject(store, 'get_database_health', { waiting: 4 })]]);
    expect(evaluateCondition(condition, {}, results)).toMatchObject({ state: { holds: true, explained: '4 > 3' } });
  });
});

describe('a malformed runbook names line, column and field', () => {
  const head = '---\nname: x\ntitle: t\n';
  it.each([
    ['no front matter', 'Just text', 'x.md:1:1: must start with YAML front matter'],
    ['no end of it', '---\nname: x\n', 'x.md:1:1: must start with YAML front matter'],
    ['brackets without end', `---\n${'[ ]'.repeat(2001)}\n---\n`, 'x.md:2:1: front matter must have at most 2000'],
    ['too long', `${head}---\n${'x'.repeat(65_536)}`, 'x.md:1:1: must be at most 64 KB'],
    ['no title', '---\nname: x\n---\n', 'x.md:2:1: title: is required (string)'],
    ['an unknown key', `${head}treshold: 5\n---\n`, 'x.md:4:11: treshold: unknown key'],
    [
      'an unknown type',
      `${head}parameters: {a: {type: int}}\n---\n`,
      'x.md:4:24: parameters.a.type: must be one of string, integer',
    ],
    [
      'a default of another type',
      `${head}parameters: {a: {type: integer, default: five}}\n---\n`,
      'x.md:4:42: parameters.a.default: must be a number',
    ],
    [
      'a pattern that is none',
      `${head}parameters: {a: {pattern: "("}}\n---\n`,
      'parameters.a.pattern: is not a regular expression',
    ],
    [
      'a measure that writes',
      `${head}measures: {m: {tool: create_jira_ticket}}\n---\n`,
      'measures.m.tool: must be a built-in tool that reads',
    ],
    ['an unknown tool', `${head}measures: {m: {tool: query}}\n---\n`, "measures.m.tool: unknown tool 'query'"],
    [
      'an unknown parameter',
      `${head}measures: {m: {tool: query_database, arguments: {query: "SELECT \${x}"}}}\n---\n`,
      "measures.m.arguments: unknown parameter 'x'",
    ],
    [
      'an unknown name in a condition',
      `${head}conditions: [{name: c, expression: x > 1, requires: [post_slack_message]}]\n---\n`,
      "conditions.0.expression: unknown parameter or measure 'x'",
    ],
    [
      'a condition that is none',
      `${head}conditions: [{name: c, expression: 1 >, requires: [post_slack_message]}]\n---\n`,
      'conditions.0.expression: ends too early',
    ],
    [
      'an unknown name in a grant',
      `${head}grants: [{tool: post_slack_message, where: {channel: ["\${c}"]}}]\n---\n`,
      "grants.0.where: unknown parameter 'c'",
    ],
    [
      'an unknown name in the text',
      `${head}---\nOne\nTwo {{nope}}`,
      "x.md:6:5: {{nope}}: unknown parameter or measure 'nope'",
    ],
    ['YAML that is none', '---\nname: [\n---\n', 'x.md:'],
  ])('%s', (_, source, expected) => {
    expect(issues(source)).toContain(expected);
  });

  it('reads Windows line ends and references to evidence', () => {
    expect(issues('---\r\nname: x\r\ntitle: t\r\n---\r\nUse {{E1}} and {{E1[0].x}}.\r\n')).toBe('');
  });
});
