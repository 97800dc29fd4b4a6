import type { FrameLocator } from 'playwright-core';

/** How fast a grid of 100,000 rows scrolls over its whole height and sorts, in the window that shows it. */
export async function measureGrid(grid: FrameLocator): Promise<void> {
  const figures: unknown = await grid.locator(':root').evaluate(`(${measure})()`);
  process.stdout.write(`grid of 100,000 rows: ${JSON.stringify(figures)}\n`);
}

/** Runs in the grid's document, which gets the rows as from the host. */
const measure = `async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const order = (index) => {
    const id = (index * 7919) % 100003;
    const code = ['GATEWAY_TIMEOUT', 'CARD_DECLINED', null][index % 3];
    const created = new Date(1793500000000 + id * 60000).toISOString();
    return [id, 'customer-' + id + '@example.com', code, (id / 7).toFixed(2), created, 'Order ' + id + ' failed', id % 11, null];
  };
  const names = ['id', 'customer', 'error_code', 'total', 'created_at', 'note', 'attempt', 'empty'];
  const types = ['int8', 'text', 'text', 'numeric', 'timestamptz', 'text', 'int4', 'text'];
  const columns = names.map((name, index) => ({ name, type: types[index] }));
  const facts = { id: 'E1', title: 'Query', query: '', columns, truncated: false, masked: [], cutCells: [] };
  postMessage({ type: 'grid-result', session: 's', result: { ...facts, rowCount: 100000 } }, '*');
  for (let from = 0; from < 100000; from += 5000)
    postMessage({ type: 'grid-rows', id: 'E1', from, rows: Array.from({ length: 5000 }, (_, at) => order(from + at)) }, '*');
  const grid = document.querySelector('.grid');
  while (grid.getAttribute('aria-rowcount') !== '100002') await frame();
  for (let wait = 0; wait < 30; wait += 1) await frame();
  const scroll = async (frames) => {
    const last = grid.scrollHeight - grid.clientHeight;
    const times = [];
    let before = performance.now();
    for (let at = 1; at <= frames; at += 1) {
      grid.scrollTop = (last * at) / frames;
      await frame();
      const now = performance.now();
      times.push(now - before);
      before = now;
    }
    const sorted = times.toSorted((a, b) => a - b);
    const total = times.reduce((sum, time) => sum + time, 0);
    const isThere = document.querySelector('[aria-rowindex="100002"]') !== null;
    return { fps: Math.round((1000 * frames) / total), p50: sorted[frames >> 1], p95: sorted[Math.floor(frames * 0.95)], isThere };
  };
  const sort = async (name) => {
    const head = [...document.querySelectorAll('[role=columnheader]')].find((each) => each.textContent.trim().startsWith(name));
    const started = performance.now();
    head.querySelector('.sort').click();
    await customElements.get('result-grid') && document.querySelector('result-grid').updateComplete;
    const sorted = performance.now() - started;
    await frame();
    return Math.round(sorted);
  };
  const height = document.querySelector('.grid-rows').getBoundingClientRect().height;
  const scrolls = [];
  for (let pass = 0; pass < 3; pass += 1) { grid.scrollTop = 0; await frame(); scrolls.push(await scroll(600)); }
  grid.scrollTop = 0;
  const sorts = {};
  for (const name of ['id', 'customer', 'error_code', 'total', 'created_at', 'note']) sorts[name] = [await sort(name), await sort(name)];
  return { height, scrolls, sorts, drawnRows: document.querySelectorAll('.grid-rows .row').length };
}`;
