import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as z from 'zod';

/** Of esbuild, as far as the list needs it. */
const metafileSchema = z.object({
  inputs: z.record(z.string(), z.looseObject({ imports: z.array(z.looseObject({ path: z.string() })) })),
  outputs: z.record(z.string(), z.looseObject({ inputs: z.record(z.string(), z.unknown()) })),
});
const bomSchema = z.looseObject({ components: z.array(z.looseObject({ 'bom-ref': z.string() })) });

/** A file that comes from the machine that builds: Node, and the libraries that it is linked with. */
export interface SystemFile {
  readonly name: string;
  readonly version: string | undefined;
  readonly sha256: string;
}

interface Listed {
  /** The folder of the bundles, with esbuild's inputs.json. */
  readonly bundles: string;
  /** Names of those that are listed. */
  readonly names: readonly string[];
  readonly system: readonly SystemFile[];
  /** The root of the repository. */
  readonly root: string;
}

/** CycloneDX: the packages that went into the bundles, and the files beside them. Says nothing of when it was made. */
export async function createSbom({ bundles, names, system, root }: Listed): Promise<string> {
  const metafile = metafileSchema.parse(JSON.parse(await readFile(join(bundles, 'inputs.json'), 'utf8')));
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-sbom-'));
  try {
    const outputs = Object.entries(metafile.outputs).filter(([path]) =>
      names.some((name) => path.endsWith(`/${name}`)),
    );
    const inputs = Object.entries(metafile.inputs).filter(([path]) => !isOurs(path));
    const file = join(folder, 'inputs.json');
    await writeFile(
      file,
      JSON.stringify({ inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs.map(withoutOurs)) }),
    );
    const tool = join(root, 'node_modules/@cyclonedx/cyclonedx-esbuild/bin/cyclonedx-esbuild-cli.js');
    const words = [tool, file, '--output-reproducible', '--build-working-dir', root, '--output-file', '-'];
    const text = execFileSync(process.execPath, words, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const bom = bomSchema.parse(JSON.parse(text));
    const components = [...bom.components, ...system.map(describeFile)];
    return `${JSON.stringify({ ...bom, components }, undefined, 1)}\n`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Made while bundling: it stands for a package that is listed itself. */
function isOurs(path: string): boolean {
  return /^(?:shared|named):/u.test(path) || path === '<stdin>';
}

function withoutOurs([path, output]: [string, z.infer<typeof metafileSchema>['outputs'][string]]) {
  return [
    path,
    { ...output, inputs: Object.fromEntries(Object.entries(output.inputs).filter(([name]) => !isOurs(name))) },
  ] as const;
}

function describeFile({ name, version, sha256 }: SystemFile) {
  return {
    type: 'file',
    'bom-ref': `file:${name}`,
    name: basename(name),
    ...(version !== undefined && { version }),
    hashes: [{ alg: 'SHA-256', content: sha256 }],
  };
}

export async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
