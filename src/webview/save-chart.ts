import { post } from './host.ts';

const legendHeight = 20;
const letterWidth = 7;

/** Sends a drawn chart to the host, which asks where to save it. `series` names the lines, where there are several. */
export async function saveChart(
  id: string,
  format: 'svg' | 'png',
  drawn: SVGSVGElement,
  series: readonly string[],
): Promise<void> {
  const { width, height } = drawn.getBoundingClientRect();
  const size = { width: Math.ceil(width), height: Math.ceil(height) + (series.length > 1 ? legendHeight : 0) };
  const svg = new XMLSerializer().serializeToString(standalone(drawn, size, series));
  post({ type: 'save-chart', id, format, data: format === 'svg' ? svg : await asPng(svg, size) });
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A copy with the colours and fonts of the theme written into it, because a file has no theme. */
function standalone(drawn: SVGSVGElement, { width, height }: Size, series: readonly string[]): SVGElement {
  const file = element('svg', { width, height, viewBox: `0 0 ${width} ${height}` });
  const { color, fontFamily } = getComputedStyle(drawn);
  const background = getComputedStyle(document.body).getPropertyValue('--vscode-editor-background').trim();
  file.append(element('rect', { width, height, fill: background === '' ? 'none' : background }));
  const copy = drawn.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) return file;
  const originals = [drawn, ...drawn.querySelectorAll('*')];
  for (const [index, node] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const original = originals[index];
    if (original === undefined) continue;
    const { fill, stroke, fontSize } = getComputedStyle(original);
    for (const [name, value] of Object.entries({ fill, stroke, 'font-size': fontSize })) node.setAttribute(name, value);
  }
  copy.setAttribute('font-family', fontFamily);
  if (series.length > 1) {
    copy.setAttribute('y', String(legendHeight));
    file.append(legend(drawn, series, color, fontFamily));
  }
  file.append(copy);
  return file;
}

function legend(drawn: SVGSVGElement, series: readonly string[], color: string, font: string): SVGElement {
  const group = element('g', { 'font-family': font, 'font-size': 11 });
  const samples = [...(drawn.closest('evidence-chart')?.querySelectorAll('.legend li') ?? [])];
  let x = 8;
  for (const [index, name] of series.entries()) {
    const sample = samples[index];
    const swatch = sample === undefined ? color : getComputedStyle(sample).getPropertyValue('--series').trim();
    const resolved = /^var\((--[\w-]+)\)$/u.exec(swatch)?.[1];
    const fill = resolved === undefined ? swatch : getComputedStyle(document.body).getPropertyValue(resolved).trim();
    const text = element('text', { x: x + 14, y: 14, fill: color });
    text.textContent = name;
    group.append(element('rect', { x, y: 5, width: 10, height: 10, fill }), text);
    x += 26 + name.length * letterWidth;
  }
  return group;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** Base64, at twice the size, for screens and slides that show it larger. */
async function asPng(svg: string, { width, height }: Size): Promise<string> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [width * 2, height * 2];
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/u, '');
  } finally {
    URL.revokeObjectURL(url);
  }
}
