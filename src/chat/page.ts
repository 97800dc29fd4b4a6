import { english, type Texts } from './texts.ts';

/** Inputs for the page of a webview. VS Code provides the URIs and `cspSource` of the webview. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  readonly cspSource: string;
  /** At least 128 random bits, new for every page. */
  readonly nonce: string;
  readonly texts: Texts;
}

/** The page of the chat view. */
export function chatPage(parts: PageParts): string {
  return page(parts, '<switchboard-chat></switchboard-chat>', '');
}

/** The page of a result in an editor tab. Its script is a module, because the panel loads the same file. */
export function gridPage(parts: PageParts): string {
  return page(parts, '<grid-tab></grid-tab>', 'type="module" ');
}

/**
 * It loads only our own script, style and icon font, and no inline script can run. The body starts empty, because all
 * content arrives in messages.
 */
function page({ script, style, cspSource, nonce, texts }: PageParts, body: string, kind: string): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    // Images of tools, which the panel makes from checked bytes. No address loads one.
    `img-src blob:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="${attribute(texts.language)}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Switchboard</title>
    <link rel="stylesheet" href="${attribute(style)}">
  </head>
  <body>
    ${body}
    ${texts === english ? '' : `<script type="application/json" id="texts">${data(texts)}</script>`}
    <script ${kind}nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
  </body>
</html>`;
}

/** JSON that ends no element. It is data, which no policy keeps from being read and nothing runs. */
function data(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}

function attribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
