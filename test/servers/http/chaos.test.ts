import { connect } from 'node:net';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { connectClient } from '../../chaos/client.ts';
import { setScene, type Scene } from '../../chaos/setup.ts';
import { judge, quota } from '../../chaos/verdict.ts';
import { work } from '../../chaos/workload.ts';
import { accessCluster } from '../../stack/database/cluster.ts';
import { callTool } from './calls.ts';

// The short form of `npm run chaos`, which does this for minutes.
const cluster = accessCluster(inject('postgres'));
const persons = 16;
let stateUrl: string;
let scene: Scene;

beforeAll(async () => {
  stateUrl = await cluster.createDatabase(`chaos_${process.pid}_${Date.now()}`);
  scene = await setScene(stateUrl, 4, persons + 2);
});
afterAll(() => scene.stop());

it('replicas killed, cut off, added and replaced: one effect a key and person, no failed write, no lost read', async () => {
  const { fleet, jira, people, tally } = scene;
  let isQuiet = false;
  const workers = people
    .slice(0, persons)
    .map((person) => work(person, fleet.nginx.port, tally, (job) => job < 2 || !isQuiet));
  const settled = Promise.all(workers);
  const [killed, cut, replaced] = fleet.replicas();
  if (killed === undefined || cut === undefined || replaced === undefined) throw new Error('too few replicas');

  await expect.poll(() => tally.tickets.size, { timeout: 200_000 }).toBeGreaterThan(0);
  await fleet.crash(killed);
  await fleet.add();
  await cut.cable.cut();
  const [{ token } = { token: '' }] = people;
  const bug = { project_key: 'ENG', issue_type: 'Bug', summary: 'While cut off' };
  const refused = await callTool(cut.port, 'create_jira_ticket', bug, { token });
  expect(refused.structured).toMatchObject({ error: { code: 'unreachable', retryable: true } });
  expect((await callTool(cut.port, 'list_jira_projects', {}, { token })).structured['row_count']).toBe(1);
  await cut.cable.mend();
  await fleet.add();
  await fleet.remove(replaced);
  isQuiet = true;
  await settled;

  expect(await judge(tally, people, jira.issues(), stateUrl)).toEqual([]);
  expect(tally.tickets.size + tally.unknown.size).toBeGreaterThanOrEqual(2 * persons);
});

it('a quota is counted to the call over all replicas', async () => {
  const { fleet, people, jira } = scene;
  const person = people.at(-1);
  if (person === undefined) throw new Error('nobody');
  const clients = Array.from({ length: 6 }, () => connectClient(fleet.nginx.port, person.token));
  const bug = { project_key: person.project, issue_type: 'Bug', summary: 'For comments' };
  const made = await clients[0]?.call('create_jira_ticket', bug);
  const key = made?.kind === 'answer' ? made.structured['issue_key'] : undefined;
  const input = { issue_key: key, body: 'Counted' };
  const answers = await Promise.all(
    clients.flatMap((client) => Array.from({ length: 4 }, () => client.call('add_jira_comment', input))),
  );
  const ends = answers.map((reply) => (reply.kind === 'answer' ? JSON.stringify(reply.structured) : reply.why));
  expect(ends.filter((end) => end.includes('"outcome":"done"'))).toHaveLength(quota);
  for (const end of ends) expect(end).toMatch(/"outcome":"done"|quota_exceeded|^429/u);
  expect(jira.issues().find((issue) => issue.key === key)?.comments).toHaveLength(quota);
  for (const client of clients) client.close();
});

/** Bytes as they are, and all that comes back. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
    socket.write(text);
  });
}

it('a request smuggled past nginx reaches no replica', async () => {
  const { fleet, people } = scene;
  const [{ token } = { token: '' }] = people;
  const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const call = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'smuggled_tool' } });
  const common = `Host: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
  const head = `POST /mcp HTTP/1.1\r\n${common}Accept: application/json, text/event-stream\r\n`;
  const inner = `POST /mcp HTTP/1.1\r\n${common}Content-Length: ${call.length}\r\n\r\n${call}`;
  const chunked = `${list.length.toString(16)}\r\n${list}\r\n0\r\n\r\n`;
  const whole = `Content-Length: ${list.length}\r\n`;
  const good = await raw(fleet.nginx.port, `${head}${whole}Connection: close\r\n\r\n${list}`);
  expect(good).toMatch(/^HTTP\/1\.1 200/u);
  const attempts: [string, string][] = [
    [
      'CL.TE',
      `${head}Content-Length: ${(chunked + inner).length}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}${inner}`,
    ],
    [
      'TE.CL',
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
    ],
    ['two lengths', `${head}${whole}Content-Length: ${(list + inner).length}\r\n\r\n${list}${inner}`],
    ...[
      'Transfer-Encoding : chunked',
      'Transfer-Encoding: xchunked',
      'Transfer-Encoding: chunked, identity',
      'Transfer-Encoding: identity, chunked',
      'Transfer-Encoding:\u000bchunked',
      'Transfer-Encoding: "chunked"',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
      'X: y\nTransfer-Encoding: chunked',
      ' Transfer-Encoding: chunked',
      'Transfer-Encoding\u0000: chunked',
      'Transfer_Encoding: chunked',
    ].map((header): [string, string] => [
      header,
      // By the length the whole is one body, by the obfuscated header it ends before the second request.
      `${head}Content-Length: ${(chunked + inner).length}\r\n${header}\r\nConnection: close\r\n\r\n${chunked}${inner}`,
    ]),
    [
      'a length of a hidden body',
      `GET /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${inner.length}\r\nConnection: close\r\n\r\n${inner}`,
    ],
  ];
  for (const [what, text] of attempts) {
    const answer = await raw(fleet.nginx.port, text);
    const statuses = answer.match(/^HTTP\/1\.1 \d{3}/gmu) ?? [];
    if (what === 'a length of a hidden body') expect([what, ...statuses]).toEqual([what, 'HTTP/1.1 200']);
    else expect([what, statuses.length, statuses[0]]).toEqual([what, 1, expect.stringMatching(/ (?:4\d\d|501)$/u)]);
    expect(answer).not.toContain('smuggled');
  }
  // Nor did it reach one without an answer: it would be in the audit log.
  const { Client } = await import('pg');
  const admin = new Client(stateUrl);
  await admin.connect();
  await callTool(fleet.replicas()[0]?.port ?? 0, 'list_jira_projects', {}, { token });
  const { rows } = await admin.query(`select line from switchboard.audit_record where line like '%smuggled%'`);
  await admin.end();
  expect(rows).toEqual([]);
});
