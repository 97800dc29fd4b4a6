import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

/** Valid until `release`, or until the owning process exits. */
export interface Lock {
  readonly release: () => Promise<void>;
}

const holderSchema = z.object({ pid: z.int(), host: z.string(), nonce: z.string() });
type Holder = z.infer<typeof holderSchema>;

/** Locks of this process, to distinguish them from those of an earlier process with the same id. */
const ours = new Set<string>();

/** A lock file is created first and written next. One that stays empty longer was left by a crash. */
const fillingMs = 5000;
const waitMs = 20;

/** @returns undefined while another process, or another part of this one, has the lock. */
export async function tryLock(path: string): Promise<Lock | undefined> {
  const nonce = randomUUID();
  ours.add(nonce); // before it becomes visible to others
  for (;;) {
    if (await create(path, nonce)) return { release: () => release(path, nonce) };
    const holder = await readHolder(path);
    if (holder === 'gone') continue;
    if (holder !== 'filling' && !isAlive(holder) && (await takeAway(path))) continue;
    ours.delete(nonce);
    return undefined;
  }
}

/** Waits for the lock as long as necessary, then runs `work`. */
export async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    const lock = await tryLock(path);
    if (lock === undefined) {
      await delay(waitMs);
      continue;
    }
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }
}

async function create(path: string, nonce: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname(), nonce }));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | 'gone' | 'filling'> {
  try {
    const text = await readFile(path, 'utf8');
    const holder = parseHolder(text);
    if (holder !== undefined) return holder;
    const age = await ageOf(path);
    if (age === undefined) return 'gone';
    return age < fillingMs ? 'filling' : { pid: 0, host: hostname(), nonce: '' };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 'gone';
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A process on another machine cannot be checked and counts as alive. */
function isAlive({ pid, host, nonce }: Holder): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return ours.has(nonce);
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

/**
 * Removes the lock of a dead process. Several processes may have seen it; the second would find a new owner and must
 * not remove that lock. So only one at a time may check and remove.
 * @returns false when another process is already doing this.
 */
async function takeAway(path: string): Promise<boolean> {
  const turn = `${path}.takeover`;
  if (!(await create(turn, ''))) {
    const age = await ageOf(turn);
    if (age !== undefined && age > fillingMs) await rm(turn, { force: true });
    return false;
  }
  try {
    const holder = await readHolder(path);
    if (typeof holder === 'object' && !isAlive(holder)) await rm(path, { force: true });
    return true;
  } finally {
    await rm(turn, { force: true });
  }
}

async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function release(path: string, nonce: string): Promise<void> {
  const holder = await readHolder(path);
  if (typeof holder === 'object' && holder.nonce === nonce) await rm(path, { force: true });
  // Only now: until its file is gone the lock must count as taken, or it would be removed from its next owner.
  ours.delete(nonce);
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
