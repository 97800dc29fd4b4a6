import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  createEvidenceStore,
  EvidenceLostError,
  evidenceRecordSchema,
  type EvidenceRecord,
  type EvidenceShelf,
  type EvidenceStore,
} from '../../../../src/agent/evidence/store.ts';
import { addObject, addTable, toolSpec } from '../evidence-samples.ts';

function shelfOf(): EvidenceShelf & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return { kept, put: (id, text) => void kept.set(id, text), take: (id) => kept.get(id) };
}

/** The snapshot as it comes back from a file. */
function reread(store: EvidenceStore): EvidenceRecord[] {
  return z.array(evidenceRecordSchema).parse(JSON.parse(JSON.stringify(store.snapshot())));
}

function rowsOf(kilobytes: number): unknown[][] {
  return Array.from({ length: kilobytes }, (_, i) => [i, 'x'.repeat(1000)]);
}

describe('the store', () => {
  it('numbers results and keeps them addressable', () => {
    const store = createEvidenceStore();
    addTable(store, { n: 'int8' }, [['12']], { query: 'select 12' });
    addObject(store, 'create_jira_ticket', { issue_key: 'ENG-1' });
    expect(store.list().map(({ id }) => id)).toEqual(['E1', 'E2']);
    expect(store.get('E1')).toMatchObject({ rowCount: 1, truncated: false, arguments: { query: 'select 12' } });
    expect(store.get('E2')).toMatchObject({ columns: [], rows: [], value: { issue_key: 'ENG-1' } });
    expect(store.get('E3')).toBeUndefined();
  });

  it('has the same digest for the same content in any order', () => {
    const store = createEvidenceStore();
    const a = addObject(store, 'x', { a: 1, b: { c: 2, d: 3 } });
    const b = addObject(store, 'x', { b: { d: 3, c: 2 }, a: 1 });
    const c = addObject(store, 'x', { b: { d: 3, c: 2 }, a: 2 });
    expect(a.sha256).toBe(b.sha256);
    expect(a.sha256).not.toBe(c.sha256);
    expect(a.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps a result without structure as text', () => {
    const store = createEvidenceStore();
    const tool = toolSpec('search_docs', { server: 'docs', trusted: false });
    store.add({ tool, arguments: {}, time: '', outcome: { kind: 'result', text: 'words', structured: undefined } });
    expect(store.get('E1')?.value).toEqual({ text: 'words' });
  });
});

describe('large evidence', () => {
  it('moves to the shelf, oldest first, and is read back in full', () => {
    const shelf = shelfOf();
    const store = createEvidenceStore({ shelf, keepBytes: 250_000 });
    for (let i = 0; i < 4; i += 1) addTable(store, { n: 'int4', t: 'text' }, rowsOf(100));
    expect([...shelf.kept.keys()]).toEqual(['E1', 'E2']);
    expect(store.get('E1')?.rows).toEqual(rowsOf(100));
    expect(store.get('E1')?.rowCount).toBe(100);
  });

  it('keeps the newest in memory even when it is over the limit by itself', () => {
    const shelf = shelfOf();
    const store = createEvidenceStore({ shelf, keepBytes: 10 });
    addTable(store, { n: 'int4', t: 'text' }, rowsOf(50));
    expect(shelf.kept.size).toBe(0);
  });

  it('that was changed or lost on the shelf is reported and never used', () => {
    const shelf = shelfOf();
    const store = createEvidenceStore({ shelf, keepBytes: 10 });
    addTable(store, { n: 'int4', t: 'text' }, rowsOf(5));
    addTable(store, { n: 'int4', t: 'text' }, rowsOf(5));
    shelf.kept.set('E1', shelf.kept.get('E1')?.replace('xx', 'yy') ?? '');
    expect(() => store.get('E1')?.rows).toThrow(EvidenceLostError);
    shelf.kept.delete('E1');
    expect(() => store.get('E1')?.rows).toThrow(/E1 is no longer stored/);
  });
});

describe('a resumed session', () => {
  it('has the same evidence and continues numbering', () => {
    const shelf = shelfOf();
    const store = createEvidenceStore({ shelf, keepBytes: 3000 });
    addTable(store, { n: 'int4', t: 'text' }, rowsOf(5), { truncated: true });
    addTable(store, { n: 'int4' }, [[7]]);
    const again = createEvidenceStore({ records: reread(store), shelf });
    expect(again.list().map((item) => item.view())).toEqual(store.list().map((item) => item.view()));
    expect(addTable(again, { n: 'int4' }, [[8]]).id).toBe('E3');
  });

  it('survives any structured value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const store = createEvidenceStore();
        const added = addObject(store, 'x', value);
        const again = createEvidenceStore({ records: reread(store) });
        expect(again.get('E1')?.sha256).toBe(added.sha256);
        expect(JSON.stringify(again.get('E1')?.value)).toBe(JSON.stringify(added.value));
      }),
    );
  });
});
