import type { Preview } from '../../../../servers/contract/preview.ts';
import { readPreview } from '../../preview.ts';
import type { Arguments, ToolOutcome, ToolSpec } from '../../tools.ts';
import type { RunPorts, RunState } from '../ports.ts';

type Previewed =
  | { readonly kind: 'previewed'; readonly preview: Preview | undefined }
  | { readonly kind: 'failed'; readonly failure: ToolOutcome };

/** Asks the server what it would do. */
export async function previewWrite(
  spec: ToolSpec,
  input: Arguments,
  state: RunState,
  ports: RunPorts,
): Promise<Previewed> {
  if (!spec.preview) return { kind: 'previewed', preview: undefined };
  const outcome = await ports.tools.call(spec.name, input, {
    signal: ports.signal,
    preview: true,
    run: { session: state.session, run: state.run, actor: state.actor },
  });
  return readPreview(spec, outcome);
}
