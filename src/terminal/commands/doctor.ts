import { exitCodes } from '../exit-codes.ts';

/** The result of one check. */
export interface Examined {
  readonly title: string;
  /** Whether the settings mention it. If not, it is skipped and is not an error. */
  readonly given: boolean;
  /** Where it runs, if not on this machine. */
  readonly detail?: string | undefined;
  readonly probe:
    | { readonly kind: 'connected' }
    | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly hint: string | undefined };
}

export interface Diagnosis {
  readonly lines: readonly string[];
  /** 78 if a setting is missing or wrong, 1 if a system refuses or is unreachable, otherwise 0. */
  readonly exitCode: number;
}

export function diagnose(found: readonly Examined[]): Diagnosis {
  const failures = found.flatMap(({ given, probe }) =>
    probe.kind === 'failed' && !isLeftOut(given, probe.code) ? [probe] : [],
  );
  const isWrongSetting = failures.some(({ code }) => code === 'not_configured');
  const worked = failures.length === 0 ? exitCodes.ok : exitCodes.failed;
  return { lines: found.map(describe), exitCode: isWrongSetting ? exitCodes.configuration : worked };
}

/** A setting that prevents everything else from working. */
export function wrongSetting(title: string, message: string): Examined {
  return { title, given: true, probe: { kind: 'failed', code: 'not_configured', message, hint: undefined } };
}

function isLeftOut(given: boolean, code: string): boolean {
  return !given && code === 'not_configured';
}

function describe({ title, given, detail, probe }: Examined): string {
  if (probe.kind === 'connected') return `ok      ${title}${detail === undefined ? '' : ` (${detail})`}`;
  const mark = isLeftOut(given, probe.code) ? 'not set' : 'failed ';
  const isNamed = [': ', ' cannot be used'].some((rest) => probe.message.startsWith(title + rest));
  const said = isNamed ? probe.message : `${title}: ${probe.message}`;
  return `${mark} ${said}${probe.hint === undefined ? '' : ` ${probe.hint}`}`;
}
