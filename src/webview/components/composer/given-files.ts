import { maxAttachedImage, maxAttachedText } from '../../../chat/messages.ts';
import { post } from '../../host.ts';

/** Hands pasted and dropped files to the host, which checks them. False if there are none: text is pasted as text. */
export function giveFiles(transfer: DataTransfer | null): boolean {
  if (transfer === null) return false;
  const uris = urisOf(transfer);
  const files = [...transfer.files];
  if (files.length > 0) for (const file of files) void give(file);
  else if (uris.length > 0) post({ type: 'attach-files', uris: uris.slice(0, 20) });
  return files.length > 0 || uris.length > 0;
}

/** Files of VS Code's own explorer and editors, which have no content here. */
function urisOf(transfer: DataTransfer): readonly string[] {
  const lists = ['application/vnd.code.uri-list', 'text/uri-list'].map((type) => transfer.getData(type));
  const list = lists.find((each) => each !== '') ?? '';
  return list.split(/\r?\n/u).filter((uri) => /^(?:file|vscode-remote):/u.test(uri));
}

async function give(file: File): Promise<void> {
  const { name, size } = file;
  if (file.type.startsWith('image/')) post({ type: 'attach', name, kind: 'image', size, data: await base64Of(file) });
  else post({ type: 'attach', name, kind: 'text', size, data: size <= maxAttachedText ? await file.text() : '' });
}

/** Nothing of what is too large: the host says so. */
async function base64Of(file: File): Promise<string> {
  if (file.size > maxAttachedImage * 0.75) return '';
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
