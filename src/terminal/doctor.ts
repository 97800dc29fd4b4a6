import { exitCodes } from './exit-codes.ts';

/** One thing that was tried. */
export interface Examined {
  readonly title: string;
  /** Anything in the settings points at it: where nothing does, it is left out, and that is no fault. */
  readonly given: boolean;
  readonly probe:
    | { readonly kind: 'connected' }
    | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly hint: string | undefined };
}

export interface Diagnosis {
  readonly lines: readonly string[];
  /** 78 where a setting is missing or wrong, else 1 where a system says no or is not there, else 0. */
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

/** A setting that keeps all else from working. */
export function wrongSetting(title: string, message: string): Examined {
  return { title, given: true, probe: { kind: 'failed', code: 'not_configured', message, hint: undefined } };
}

function isLeftOut(given: boolean, code: string): boolean {
  return !given && code === 'not_configured';
}

function describe({ title, given, probe }: Examined): string {
  if (probe.kind === 'connected') return `ok      ${title}`;
  const mark = isLeftOut(given, probe.code) ? 'not set' : 'failed ';
  const said = probe.message.startsWith(`${title}: `) ? probe.message : `${title}: ${probe.message}`;
  return `${mark} ${said}${probe.hint === undefined ? '' : ` ${probe.hint}`}`;
}
