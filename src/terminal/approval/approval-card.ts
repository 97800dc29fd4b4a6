import type { ApprovalRequest } from '../../agent/approval.ts';
import type { Preview } from '../../../servers/contract/preview.ts';
import type { Look, Paint } from '../output.ts';
import { printable, printableLine, wrapText } from '../text-layout.ts';

/** The complete effect of a call: nothing is approved without being shown. */
export function approvalCard(request: ApprovalRequest, width: number, paint: Paint): readonly string[] {
  const room = Math.min(width, 100) - 2;
  const { preview, tool } = request;
  const body = preview === undefined ? argumentLines(request) : previewLines(preview, room, paint);
  const warnings = request.warnings.flatMap((warning) =>
    hanging('! ', warning, room).map((line) => paint('yellow', line)),
  );
  const supported = (request.claims ?? []).flatMap(({ text, supportedBy }) =>
    supportedBy === undefined ? [] : [`${text} (${supportedBy})`],
  );
  const claims =
    supported.length === 0 ? [] : hanging('supported by evidence: ', printableLine(supported.join(', ')), room);
  const reasons = request.reasons.flatMap((reason) => reasonLines(reason, room, paint));
  const title = printableLine(preview?.title ?? tool.title);
  const place = request.batch === undefined ? '' : paint('dim', `  ${request.batch.index} of ${request.batch.count}`);
  const failed = request.failed === undefined ? [] : hanging('failed: ', request.failed, room);
  const destructive = tool.risk === 'destructive' ? paint('red', '  destructive') : '';
  return [
    `${paint('cyan', '┌')} ${paint('bold', title)}${place}${destructive}`,
    ...[
      ...failed.map((line) => paint('red', line)),
      ...body,
      ...claims.map((line) => paint('dim', line)),
      ...warnings,
      ...reasons,
      ...(request.undo === undefined && tool.risk !== 'read' ? [paint('dim', 'cannot be undone from here')] : []),
    ].map((line) => `${paint('cyan', '│')} ${line}`.trimEnd()),
    paint('cyan', '└'),
  ];
}

/** The exact bytes that would be sent. */
export function rawLines(request: ApprovalRequest): readonly string[] {
  return printable(request.preview?.raw ?? JSON.stringify(request.arguments, undefined, 2)).split('\n');
}

function previewLines(preview: Preview, room: number, paint: Paint): readonly string[] {
  const { id, name, audience } = preview.destination;
  const destination = [name, id === name ? '' : `(${id})`, audience === undefined ? '' : `· ${audience}`];
  const list = (label: string, items: readonly string[]): readonly string[] =>
    items.length === 0 ? [] : hanging(`${label} `, items.map(printableLine).join(', '), room);
  return [
    ...hanging('to ', printableLine(destination.filter((part) => part !== '').join(' ')), room),
    ...preview.fields.flatMap(({ label, value }) => hanging(`${printableLine(label)}: `, value, room)),
    '',
    ...wrapText(printable(preview.body), room),
    '',
    ...list('mentions', preview.mentions),
    ...list('links to', preview.linkHosts),
    ...preview.duplicates.flatMap(({ id, title, url, reason }) =>
      hanging('looks like a duplicate: ', `${id} ${title} (${reason}) ${url ?? ''}`, room).map((line) =>
        paint('yellow', line),
      ),
    ),
  ];
}

function argumentLines({ tool, arguments: input }: ApprovalRequest): readonly string[] {
  const from = tool.trusted ? tool.server : `${tool.server}, a third-party server`;
  return [`${tool.plainName} of ${from}`, '', ...printable(JSON.stringify(input, undefined, 2)).split('\n')];
}

/** A reason may be followed by the lines of a diff. */
function reasonLines(reason: string, room: number, paint: Paint): readonly string[] {
  const [words = '', ...diff] = reason.split('\n');
  return [
    ...hanging('asked because: ', words, room).map((line) => paint('dim', line)),
    ...diff.flatMap((line) => {
      const look = looks[line.slice(0, 1)] ?? 'dim';
      // Wrapped text is indented below its mark, so that it does not look like a separate line.
      return hanging(`  ${line.slice(0, 2)}`, line.slice(2), room).map((part) => paint(look, part));
    }),
  ];
}

const looks: Readonly<Record<string, Look>> = { '@': 'bold', '+': 'green', '-': 'red' };

/** A label and a text, with further lines aligned below the first. */
function hanging(label: string, text: string, room: number): readonly string[] {
  const lines = wrapText(printable(text), room - label.length);
  return lines.map((line, index) => (index === 0 ? label : ' '.repeat(label.length)) + line);
}
