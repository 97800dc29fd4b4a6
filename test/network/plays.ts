// What is asked of each server, so that each of its tools is called at least once.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Player } from './player.ts';

export async function everything({ call, refused, questions }: Player): Promise<void> {
  expect((await call('echo', { message: 'hello' })).text).toContain('hello');
  expect((await call('get-sum', { a: 2, b: 3 })).text).toContain('5');
  expect((await call('get-tiny-image')).images).toMatchObject([{ mediaType: 'image/png' }]);
  expect((await call('get-annotated-message', { messageType: 'error', includeImage: true })).images).toHaveLength(1);
  const { structured } = await call('get-structured-content', { location: 'New York' });
  expect(Object.keys(structured ?? {})).toEqual(expect.arrayContaining(['temperature', 'conditions', 'humidity']));
  const links = await call('get-resource-links', { count: 2 });
  const uri = /demo:\/\/\S+/.exec(links.text)?.[0];
  expect((await call('read_resource', { uri })).text).toMatch(/resource/i);
  const reference = await call('get-resource-reference', { resourceType: 'Text', resourceId: 1 });
  expect(reference.text).toMatch(/resource/i);
  await call('gzip-file-as-resource', { name: 'x.gz', data: 'data:text/plain,hello', outputType: 'resource' });
  expect((await call('get-env')).text).not.toContain('npm_');
  expect((await call('get-roots-list')).text).toContain('work');
  await call('trigger-long-running-operation', { duration: 1, steps: 2 });
  await call('toggle-simulated-logging');
  await call('toggle-subscriber-updates');
  expect((await call('trigger-sampling-request', { prompt: 'Which colour?', maxTokens: 10 })).text).toContain('Blue.');
  const answered = await call('trigger-elicitation-request');
  expect(answered.text).toContain('Ann');
  expect(questions).toEqual([expect.stringMatching(/^form: /)]);
  await call('trigger-url-elicitation', { url: 'https://example.com/' });
  expect(questions.at(-1)).toMatch(/^url: /);
  // As a task that asks back while it works.
  expect((await call('simulate-research-query', { topic: 'bridges', ambiguous: true })).text).toContain('bridges');
  expect(questions.at(-1)).toMatch(/^form: /);
  await refused('read_resource', { uri: 'demo://nothing' }, /not found|unknown/i);
}

export async function filesystem({ call, refused, work }: Player): Promise<void> {
  const file = join(work, 'a.txt');
  writeFileSync(file, 'one\ntwo\n');
  const picture = join(work, 'b.png');
  writeFileSync(
    picture,
    Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    ),
  );
  expect((await call('read_text_file', { path: file, head: 1 })).text).toBe('one');
  await call('read_file', { path: file });
  expect((await call('read_multiple_files', { paths: [file] })).text).toContain('two');
  expect((await call('read_media_file', { path: picture })).images).toMatchObject([{ mediaType: 'image/png' }]);
  await call('write_file', { path: join(work, 'c.txt'), content: 'c' });
  await call('edit_file', { path: file, edits: [{ oldText: 'one', newText: 'three' }] });
  expect(readFileSync(file, 'utf8')).toBe('three\ntwo\n');
  await call('create_directory', { path: join(work, 'd') });
  expect((await call('list_directory', { path: work })).text).toContain('[DIR] d');
  await call('list_directory_with_sizes', { path: work });
  await call('directory_tree', { path: work });
  await call('move_file', { source: join(work, 'c.txt'), destination: join(work, 'e.txt') });
  expect((await call('search_files', { path: work, pattern: '*.txt' })).text).toContain('e.txt');
  await call('get_file_info', { path: file });
  expect((await call('list_allowed_directories')).text).toContain(work);
  await refused('read_file', { path: '/etc/passwd' }, /access denied/i);
}

export async function memory({ call }: Player): Promise<void> {
  const shop = { name: 'shop', entityType: 'system', observations: ['sells bridges'] };
  expect((await call('create_entities', { entities: [shop, { ...shop, name: 'till' }] })).structured).toBeDefined();
  await call('create_relations', { relations: [{ from: 'shop', to: 'till', relationType: 'has' }] });
  await call('add_observations', { observations: [{ entityName: 'shop', contents: ['is shut'] }] });
  expect((await call('search_nodes', { query: 'shut' })).text).toContain('sells bridges');
  expect((await call('open_nodes', { names: ['till'] })).structured).toMatchObject({ entities: [{ name: 'till' }] });
  expect((await call('read_graph')).text).toContain('has');
  expect((await call('read_resource', { uri: 'memory://knowledge-graph' })).text).toContain('sells bridges');
  await call('delete_observations', { deletions: [{ entityName: 'shop', observations: ['is shut'] }] });
  await call('delete_relations', { relations: [{ from: 'shop', to: 'till', relationType: 'has' }] });
  await call('delete_entities', { entityNames: ['till'] });
  expect((await call('read_graph')).structured).toMatchObject({ entities: [{ name: 'shop' }], relations: [] });
}

export async function sequentialThinking({ call }: Player): Promise<void> {
  const thought = { thought: 'Count.', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 };
  expect((await call('sequentialthinking', thought)).structured).toMatchObject({ thoughtNumber: 1 });
}

export async function systemMonitor({ call }: Player): Promise<void> {
  expect((await call('get-system-info')).structured).toHaveProperty('cpu');
  expect((await call('poll-system-stats')).structured).toBeDefined();
  expect((await call('read_resource', { uri: 'ui://system-monitor/mcp-app.html' })).text).toContain('<html');
}

export async function dbhub({ call, refused }: Player): Promise<void> {
  expect((await call('search_objects', { object_type: 'table' })).text).toContain('employee');
  expect((await call('execute_sql', { sql: 'SELECT count(*) AS people FROM employee' })).text).toContain('people');
  await refused('execute_sql', { sql: 'SELECT 1 FROM nowhere' }, /nowhere/);
}

/** Answers from the internet, or says that it cannot. */
export async function context7({ reach, refused }: Player): Promise<void> {
  const words = /\bLibrary ID\b|^Error |context7|source/i;
  await reach('resolve-library-id', { query: 'pooling', libraryName: 'pg' }, words);
  await reach('query-docs', { libraryId: '/brianc/node-postgres', query: 'pooling' }, words);
  await refused('read_resource', { uri: 'context7://nothing' }, /not found/i);
}

export async function eslint({ call, work }: Player): Promise<void> {
  writeFileSync(join(work, 'eslint.config.js'), "export default [{ rules: { 'no-var': 'error' } }];\n");
  writeFileSync(join(work, 'package.json'), '{"type": "module"}');
  writeFileSync(join(work, 'a.js'), 'var a = 1;\n');
  expect((await call('lint-files', { filePaths: [join(work, 'a.js')] })).text).toContain('no-var');
}
