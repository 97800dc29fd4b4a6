import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainStart, checkLine, sealRecord, type AuditBody } from '../../../../servers/contract/audit/record.ts';
import { currentAnchor, readAudit, verifyAudit } from '../../../../servers/contract/audit/verify.ts';
import { createAuditWriter } from '../../../../servers/contract/audit/writer.ts';

let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'switchboard-audit-'));
});

afterEach(() => {
  rmSync(state, { recursive: true, force: true });
});

function report(error: unknown): void {
  throw error;
}

function record(facts: Partial<AuditBody> = {}): AuditBody {
  return {
    time: '2026-11-22T09:00:00.000Z',
    phase: 'intent',
    writer: 'jira',
    server: 'jira',
    tool: 'create_jira_ticket',
    ...facts,
  };
}

function write(count: number, maxBytes?: number): void {
  const writer = createAuditWriter({
    stateFolder: state,
    writer: 'jira',
    report,
    ...(maxBytes !== undefined && { maxBytes }),
  });
  for (let i = 1; i <= count; i += 1) writer.append(() => record({ callId: `call-${i}` }), false);
  writer.close();
}

function logs(): string[] {
  return readdirSync(join(state, 'audit')).map((file) => join(state, 'audit', file));
}

function onlyLog(): string {
  const [log] = logs();
  if (log === undefined) throw new Error('no log');
  return log;
}

function edit(change: (lines: string[]) => string[]): void {
  const lines = readFileSync(onlyLog(), 'utf8').trimEnd().split('\n');
  writeFileSync(onlyLog(), `${change(lines).join('\n')}\n`);
}

function problem(): string | undefined {
  return verifyAudit(state).find(({ status }) => status === 'broken')?.problem;
}

describe('an unmodified log', () => {
  it('is whole, with its number of records', () => {
    write(20);
    expect(verifyAudit(state)).toMatchObject([{ writer: 'jira', records: 20, status: 'whole' }]);
    expect(readAudit(state).map(({ sequence }) => sequence)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('continues in another file past a size, with the same chain', () => {
    write(50, 2000);
    expect(logs().length).toBeGreaterThan(5);
    expect(verifyAudit(state)).toMatchObject([{ records: 50, status: 'whole' }]);
  });

  it('has one file per writer, so that processes do not interfere', () => {
    const writers = ['host', 'jira', 'jira', 'slack'].map((writer) =>
      createAuditWriter({ stateFolder: state, writer, report }),
    );
    for (let i = 0; i < 5; i += 1) for (const writer of writers) writer.append(record, false);
    for (const writer of writers) writer.close();
    expect(verifyAudit(state).map(({ records, status }) => `${records} ${status}`)).toEqual(Array(4).fill('5 whole'));
  });

  it('is not created before the first record', () => {
    createAuditWriter({ stateFolder: state, writer: 'jira', report }).close();
    expect(verifyAudit(state)).toEqual([]);
  });

  it('can be filtered by session, tool and time', () => {
    const writer = createAuditWriter({ stateFolder: state, writer: 'jira', report });
    writer.append(() => record({ session: 'a', time: '2026-11-22T09:00:00.000Z' }), true);
    writer.append(() => record({ session: 'b', time: '2026-11-22T10:00:00.000Z', tool: 'get_jira_issue' }), true);
    expect(readAudit(state, { session: 'b' })).toHaveLength(1);
    expect(readAudit(state, { tool: 'create_jira_ticket' })).toHaveLength(1);
    expect(readAudit(state, { since: '2026-11-22T09:30:00.000Z' }).map(({ session }) => session)).toEqual(['b']);
  });
});

describe('finds and names tampering', () => {
  beforeEach(() => write(10));

  it('a changed byte', () => {
    edit((lines) => lines.map((line, i) => (i === 3 ? line.replace('call-4', 'call-5') : line)));
    expect(problem()).toMatch(/line 4: the hash does not match the content/);
  });

  it('any changed byte', () => {
    const original = readFileSync(onlyLog());
    fc.assert(
      fc.property(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), (position, difference) => {
        const changed = Buffer.from(original);
        changed[position] = (original[position] ?? 0) ^ difference;
        writeFileSync(onlyLog(), changed);
        expect(verifyAudit(state)[0]?.status).toBe('broken');
      }),
      { numRuns: 300 },
    );
  });

  it('a changed record with a matching hash', () => {
    edit((lines) => {
      const body = record({ callId: 'forged' });
      const previous = /"previousHash":"(\w+)"/.exec(lines[3] ?? '')?.[1] ?? '';
      return lines.map((line, i) => (i === 3 ? sealRecord(body, { sequence: 3, hash: previous }).line : line));
    });
    expect(problem()).toMatch(/line 5: it does not follow the previous record/);
  });

  it('a removed line', () => {
    edit((lines) => lines.filter((_, i) => i !== 4));
    expect(problem()).toMatch(/line 5: the sequence is 6 instead of 5/);
  });

  it('a removed first line', () => {
    edit((lines) => lines.slice(1));
    expect(problem()).toMatch(/line 1: the sequence is 2 instead of 1/);
  });

  it('a swapped pair', () => {
    edit(([a = '', b = '', ...rest]) => [b, a, ...rest]);
    expect(problem()).toMatch(/line 1: the sequence is 2 instead of 1/);
  });

  it('a repeated line', () => {
    edit(([a = '', ...rest]) => [a, a, ...rest]);
    expect(problem()).toMatch(/line 2: the sequence is 1 instead of 2/);
  });

  it('a cut tail, by the head', () => {
    edit((lines) => lines.slice(0, 7));
    expect(problem()).toMatch(/the log ends with record 7, but record 10 was written: the tail was cut/);
  });

  it('a cut tail with its head reset, by the anchor', () => {
    const anchor = currentAnchor(verifyAudit(state));
    edit((lines) => lines.slice(0, 7));
    const { head } = verifyAudit(state)[0] ?? { head: chainStart };
    const headFile = join(state, 'audit-heads', readdirSync(join(state, 'audit-heads'))[0] ?? '');
    writeFileSync(headFile, JSON.stringify(head));
    expect(problem()).toBeUndefined();
    expect(verifyAudit(state, anchor)[0]?.problem).toMatch(/record 10 was written: the tail was cut/);
  });

  it('a fully rewritten chain, by the anchor', () => {
    const anchor = currentAnchor(verifyAudit(state));
    let head = chainStart;
    edit((lines) =>
      lines.map(() => {
        const sealed = sealRecord(record({ callId: 'forged' }), head);
        head = sealed.head;
        return sealed.line;
      }),
    );
    const headFile = join(state, 'audit-heads', readdirSync(join(state, 'audit-heads'))[0] ?? '');
    writeFileSync(headFile, JSON.stringify(head));
    expect(problem()).toBeUndefined();
    expect(verifyAudit(state, anchor)[0]?.problem).toMatch(/record 10 is not the one that was written/);
  });

  it('a missing log or head', () => {
    const log = onlyLog();
    const content = readFileSync(log);
    unlinkSync(log);
    expect(problem()).toMatch(/the log is missing/);
    writeFileSync(log, content);
    unlinkSync(join(state, 'audit-heads', readdirSync(join(state, 'audit-heads'))[0] ?? ''));
    expect(problem()).toMatch(/the head is missing/);
  });

  it('a foreign line', () => {
    appendFileSync(onlyLog(), '{"sequence":11}\n');
    expect(problem()).toMatch(/line 11: not an audit record/);
  });
});

it('finds a file removed from the middle of a long log', () => {
  write(50, 2000);
  const [second] = logs().filter((file) => file.endsWith('.3.jsonl'));
  unlinkSync(second ?? '');
  expect(problem()).toMatch(/line 1: the sequence is/);
});

it('a line is bound to its bytes, whatever it contains', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (input) => {
      const { line, head } = sealRecord(record({ arguments: input }), chainStart);
      expect(line).not.toContain('\n');
      expect(checkLine(Buffer.from(line), chainStart)).toEqual({ head });
    }),
  );
});

/** A process that runs `script`, which may `append(durable, text)`. */
function startWriter(
  script: string,
  stderr: 'inherit' | 'ignore' = 'inherit',
): ChildProcessByStdio<null, Readable, null> {
  const module = new URL('../../../../servers/contract/audit/writer.ts', import.meta.url).href;
  const preamble = `
    import { createAuditWriter, gatherMs } from ${JSON.stringify(module)};
    const report = (error) => { throw error; };
    const writer = createAuditWriter({ stateFolder: ${JSON.stringify(state)}, writer: 'slack', report });
    const append = (durable, text = '') =>
      writer.append(() => ({ time: '', phase: 'intent', writer: 'slack', arguments: { text } }), durable);`;
  return spawn(process.execPath, ['--input-type=module', '-e', preamble + script], {
    stdio: ['ignore', 'pipe', stderr],
  });
}

describe('a process that ends', () => {
  it('by kill -9 while writing leaves a log that verifies', async () => {
    const child = startWriter(`
      for (let i = 0; ; i += 1) {
        append(i % 10 === 0, 'x'.repeat(3000));
        if (i === 200) process.stdout.write('started');
      }`);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const [log] = verifyAudit(state);
    expect(log).toMatchObject({ writer: 'slack', status: 'whole' });
    expect(log?.records).toBeGreaterThan(200);
  });

  it('by kill -9 loses the pending records of its last milliseconds, and the rest verifies', async () => {
    const child = startWriter(`
      append(true);
      for (let i = 0; i < 5; i += 1) append(false);
      setTimeout(() => {
        for (let i = 0; i < 3; i += 1) append(false);
        process.stdout.write('started');
        for (;;);
      }, gatherMs);`);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(verifyAudit(state)).toMatchObject([{ status: 'whole', records: 6 }]);
  });

  it('by kill -9 after a write loses nothing from before the write', async () => {
    const child = startWriter(`
      for (let i = 0; i < 5; i += 1) append(false);
      append(true);
      process.stdout.write('started');
      for (;;);`);
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(verifyAudit(state)).toMatchObject([{ status: 'whole', records: 6 }]);
  });

  it.each([
    ['by process.exit', 'process.exit(0);'],
    ['by an uncaught exception', "throw new Error('expected by this test');"],
    ['by having nothing left to do', ''],
  ])('%s loses nothing', async (_, end) => {
    const child = startWriter(`for (let i = 0; i < 5; i += 1) append(false); ${end}`, 'ignore');
    await once(child, 'exit');
    expect(verifyAudit(state)).toMatchObject([{ status: 'whole', records: 5 }]);
  });

  it('in the middle of a line leaves a note; the next writer keeps the half and continues the chain', () => {
    write(5);
    const log = onlyLog();
    const dead = log.replace(`-${process.pid}-`, '-4194303-');
    const head = join(state, 'audit-heads', readdirSync(join(state, 'audit-heads'))[0] ?? '');
    writeFileSync(dead, readFileSync(log));
    writeFileSync(head.replace(`-${process.pid}-`, '-4194303-'), readFileSync(head));
    unlinkSync(log);
    unlinkSync(head);
    appendFileSync(dead, '{"arguments":{"text":"half a rec');
    const [cut] = verifyAudit(state);
    expect(cut).toMatchObject({ status: 'whole', records: 5 });
    expect(cut?.note).toMatch(/line 6: the process died while writing this line/);
    write(1);
    const verified = verifyAudit(state);
    expect(verified.map(({ status, records, note }) => [status, records, note])).toEqual(
      expect.arrayContaining([
        ['whole', 6, undefined],
        ['whole', 1, undefined],
      ]),
    );
    expect(readFileSync(`${dead}.partial`, 'utf8')).toBe('{"arguments":{"text":"half a rec');
    expect(readAudit(state).some(({ phase }) => phase === 'recovered')).toBe(true);
  });

  it('leaves a broken chain unchanged for investigation', () => {
    write(5);
    const dead = onlyLog().replace(`-${process.pid}-`, '-4194303-');
    writeFileSync(dead, `${readFileSync(onlyLog(), 'utf8').replace('call-2', 'call-9')}half`);
    const before = readFileSync(dead, 'utf8');
    write(1);
    expect(readFileSync(dead, 'utf8')).toBe(before);
  });
});

it('reports a record that cannot be written, and the log stays whole', () => {
  const writer = createAuditWriter({ stateFolder: '/dev/null/state', writer: 'jira', report });
  expect(() => writer.append(record, true)).toThrow(/ENOTDIR/);
  write(3);
  truncateSync(onlyLog(), readFileSync(onlyLog()).length - 1);
  expect(verifyAudit(state)[0]?.status).toBe('broken');
});
