import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

/** Set in the environment of every process that we start, and inherited by its children. The value is unique. */
const markVariable = 'SWITCHBOARD_CHILD_MARK';

const recordSchema = z.object({
  mark: z.uuid(),
  pid: z.int().min(2),
  host: z.object({ pid: z.int().min(1), started: z.string() }),
});
type ChildRecord = z.infer<typeof recordSchema>;

const plain = { PATH: '/usr/bin:/bin', LC_ALL: 'C' };

/** Keeps a list on disk of the processes that this host has started, so that the next host can end what a crash left behind. */
export interface ChildRegister {
  /** For the environment of a child that is about to start. Call `started` as soon as it runs. */
  readonly mark: () => ChildMark;
}

export interface ChildMark {
  readonly environment: Readonly<Record<string, string>>;
  /** @returns a function that removes the record. */
  readonly started: (pid: number) => () => void;
}

/** @param report receives errors. Without the list everything works, but a crash may leave processes behind. */
export function createChildRegister(folder: string, report: (error: unknown) => void): ChildRegister {
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      // A state folder that cannot be written to is reported by the run and by doctor, which need it.
      if (!(error instanceof Error && 'syscall' in error)) report(error);
    }
  };
  return {
    mark: () => {
      const mark = randomUUID();
      const file = join(folder, `${mark}.json`);
      return {
        environment: { [markVariable]: mark },
        started: (pid) => {
          const started = startOfSelf();
          if (started === undefined || process.platform === 'win32') return () => {};
          const record: ChildRecord = { mark, pid, host: { pid: process.pid, started } };
          attempt(() => {
            mkdirSync(folder, { recursive: true, mode: 0o700 });
            writeFileSync(file, JSON.stringify(record), { mode: 0o600 });
          });
          return () => attempt(() => rmSync(file, { force: true }));
        },
      };
    },
  };
}

/**
 * Ends processes left behind by crashed hosts. A process is ended only if its environment has the record's mark and it
 * is in the process group of the child that was started. A process id alone proves nothing, because ids are reused. Not
 * needed on Windows, where children end with their pipes.
 * @returns the ids of the ended processes.
 */
export async function endOrphans(folder: string): Promise<readonly number[]> {
  if (process.platform === 'win32') return [];
  const orphaned: ChildRecord[] = [];
  for (const record of readRecords(folder)) {
    const started = startOf(record.host.pid);
    // The host is alive: this one or another window's.
    if (started !== undefined && started === record.host.started) continue;
    orphaned.push(record);
  }
  if (orphaned.length === 0) return [];
  const ended: number[] = [];
  for (const { pid, group, environment } of await processes()) {
    const ours = orphaned.some((record) => group === record.pid && environment.has(`${markVariable}=${record.mark}`));
    if (ours && pid !== process.pid && kill(pid)) ended.push(pid);
  }
  for (const { mark } of orphaned) rmSync(join(folder, `${mark}.json`), { force: true });
  return ended;
}

function readRecords(folder: string): readonly ChildRecord[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const record = readRecord(join(folder, name));
      return record !== undefined && name === `${record.mark}.json` ? [record] : [];
    });
  } catch {
    return []; // nothing has been started yet
  }
}

function readRecord(file: string): ChildRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false; // it has exited meanwhile
  }
}

interface Running {
  readonly pid: number;
  readonly group: number;
  readonly environment: ReadonlySet<string>;
}

/** Only those of the same user. The environment of others cannot be read. */
async function processes(): Promise<readonly Running[]> {
  if (process.platform === 'linux') {
    const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const all = await Promise.all(names.map((name) => readLinux(Number(name))));
    return all.filter((each) => each !== undefined);
  }
  const options = ['-Eww', '-o', 'pid=,pgid=,command=', '-U', String(process.getuid?.())];
  const { stdout } = await promisify(execFile)('ps', options, { env: plain, maxBuffer: 64 * 1024 * 1024 });
  return stdout.split('\n').flatMap((line) => {
    const [pid = '', group = '', ...words] = line.trim().split(/\s+/);
    return pid === '' ? [] : [{ pid: Number(pid), group: Number(group), environment: new Set(words) }];
  });
}

async function readLinux(pid: number): Promise<Running | undefined> {
  try {
    const environment = new Set((await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0'));
    return { pid, group: Number(fieldsOf(await readFile(`/proc/${pid}/stat`, 'utf8'))[2]), environment };
  } catch {
    return undefined; // exited, or another user's
  }
}

/** A field of `/proc/<pid>/stat`, counted after the name, which may contain anything. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

const startField = 19;
let self: string | undefined;

function startOfSelf(): string | undefined {
  self ??= startOf(process.pid);
  return self;
}

/** When a process started, in a form suitable only for comparison; undefined if there is no such process. */
function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return fieldsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))[startField];
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: plain });
    return started.trim() === '' ? undefined : started.trim();
  } catch {
    return undefined; // `ps` fails when there is no such process
  }
}
