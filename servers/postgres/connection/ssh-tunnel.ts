import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ToolError } from '../../kit/errors.ts';
import type { Log } from '../../kit/log.ts';

/**
 * A tunnel through the user's own `ssh`, with their configuration, keys and agent. Its local end is a Unix socket in a
 * private folder: a local port would be open to every user of this machine.
 */
export class SshTunnel {
  readonly #destination: string;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #log: Log;
  #near: Promise<{ host: string }> | undefined;
  #child: ChildProcess | undefined;

  constructor(destination: string, target: { readonly host: string; readonly port: number }, log: Log) {
    this.#destination = destination;
    this.#target = target;
    this.#log = log;
  }

  /** @returns the socket's folder, for use as the `host` of a connection. @throws ToolError `unreachable`. */
  open(): Promise<{ host: string }> {
    this.#near ??= this.#start().catch((error: unknown) => {
      this.#near = undefined;
      throw error;
    });
    return this.#near;
  }

  async close(): Promise<void> {
    this.#child?.kill('SIGTERM');
    const near = await this.#near?.catch(() => undefined);
    if (near !== undefined) await rm(near.host, { recursive: true, force: true });
  }

  async #start(): Promise<{ host: string }> {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-ssh-'));
    const { host, port } = this.#target;
    const options = ['BatchMode=yes', 'ExitOnForwardFailure=yes', 'ServerAliveInterval=15', 'PermitLocalCommand=yes'];
    const child = spawn(
      'ssh',
      [
        '-N',
        '-T',
        ...[...options, 'LocalCommand=echo forwarding'].flatMap((option) => ['-o', option]),
        '-L',
        `${join(folder, `.s.PGSQL.${port}`)}:${host.includes(':') ? `[${host}]` : host}:${port}`,
        '--',
        this.#destination,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-500)));
    return new Promise((resolve, reject) => {
      // Runs once forwarding is set up (ssh_config, LocalCommand).
      child.stdout.once('data', () => resolve({ host: folder }));
      const fail = (reason: string): void => {
        this.#near = undefined;
        void rm(folder, { recursive: true, force: true });
        this.#log('warn', 'ssh tunnel ended', { reason });
        reject(
          new ToolError('unreachable', `The SSH tunnel through ${this.#destination} (DB_SSH) failed: ${reason}`, {
            hint: `Check that 'ssh ${this.#destination}' works without asking for a password.`,
          }),
        );
      };
      child.on('error', (error) => fail(error.message));
      child.on('exit', (code) => fail(said.trim() === '' ? `ssh ended with ${code}` : said.trim()));
    });
  }
}
