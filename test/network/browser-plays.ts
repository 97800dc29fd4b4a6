import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Player } from './player.ts';

/** Something of everything that the tools of browsers work on. */
export const page = `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>
<button id="go" onclick="document.querySelector('h1').textContent = 'Sold'">Go</button>
<input id="name" aria-label="Name">
<select id="size" aria-label="Size"><option>S</option><option>M</option></select>
<input id="file" type="file" aria-label="File">
<div id="piece" draggable="true" role="button" tabindex="0" aria-label="Piece">Piece</div>
<div id="board" role="button" tabindex="0" aria-label="Board" ondragover="event.preventDefault()">Board</div>
<button id="ask" onclick="alert('hello')">Ask</button>
<script>console.error('ready')</script></html>`;

export async function playwright(player: Player): Promise<void> {
  const { call, refused, work, page: url } = player;
  const file = join(work, 'upload.txt');
  writeFileSync(file, 'x');
  await call('browser_resize', { width: 800, height: 600 });
  await call('browser_navigate', { url: `${url}/first` });
  await call('browser_navigate', { url });
  expect((await call('browser_snapshot')).text).toContain('Shop');
  expect((await call('browser_console_messages', { level: 'error' })).text).toContain('ready');
  expect((await call('browser_evaluate', { function: '() => document.title' })).text).toContain('Shop');
  await call('browser_find', { text: 'Shop' });
  const fields = [{ name: 'Name', type: 'textbox', target: '#name', value: 'Ann' }];
  await call('browser_fill_form', { fields });
  await call('browser_type', { target: '#name', text: 'Bob' });
  await call('browser_press_key', { key: 'Tab' });
  await call('browser_select_option', { target: '#size', values: ['M'] });
  await call('browser_hover', { target: '#go' });
  await call('browser_click', { target: '#go' });
  expect((await call('browser_snapshot')).text).toContain('Sold');
  await call('browser_drag', { startTarget: '#piece', endTarget: '#board' });
  await call('browser_drop', { target: '#board', data: { 'text/plain': 'x' } });
  await call('browser_click', { target: '#file' });
  await call('browser_file_upload', { paths: [file] });
  await call('browser_click', { target: '#ask' });
  await call('browser_handle_dialog', { accept: true });
  await call('browser_network_requests', { static: true });
  await call('browser_network_request', { index: 1 });
  await call('browser_emulate_media', { colorScheme: 'dark' });
  await call('browser_run_code_unsafe', { code: 'async (page) => page.title()' });
  await call('browser_wait_for', { text: 'Sold' });
  expect((await call('browser_take_screenshot', { scale: 'css' })).images).toHaveLength(1);
  await mouse(player);
  await call('browser_tabs', { action: 'list' });
  await call('browser_navigate_back');
  await refused('browser_click', { target: '#nowhere' }, /nowhere/);
  await call('browser_close');
}

async function mouse({ call }: Player): Promise<void> {
  await call('browser_mouse_move_xy', { x: 10, y: 10 });
  await call('browser_mouse_click_xy', { x: 10, y: 10 });
  await call('browser_mouse_down');
  await call('browser_mouse_up');
  await call('browser_mouse_wheel', { deltaX: 0, deltaY: 10 });
  await call('browser_mouse_drag_xy', { startX: 1, startY: 1, endX: 9, endY: 9 });
}

export async function chromeDevtools({ call, reach, work, page: url }: Player): Promise<void> {
  const file = join(work, 'upload.txt');
  writeFileSync(file, 'x');
  await call('list_pages');
  const opened = (await call('new_page', { url })).text;
  const pageId = Number(/(\d+): .*\[selected\]/.exec(opened)?.[1]);
  const on = (tool: string, input: Record<string, unknown> = {}) => call(tool, { pageId, ...input });
  await on('select_page');
  await on('resize_page', { width: 800, height: 600 });
  await on('wait_for', { text: ['Shop'] });
  const snapshot = (await on('take_snapshot')).text;
  const uid = (what: string): string => {
    const found = new RegExp(`uid=(\\S+) ${what}`).exec(snapshot)?.[1];
    if (found === undefined) throw new Error(`${what} is not in ${snapshot}`);
    return found;
  };
  await on('fill', { uid: uid('textbox "Name"'), value: 'Ann' });
  await on('fill_form', { elements: [{ uid: uid('textbox "Name"'), value: 'Bob' }] });
  await on('hover', { uid: uid('button "Go"') });
  await on('click', { uid: uid('button "Go"') });
  await on('type_text', { text: 'x' });
  await on('press_key', { key: 'Tab' });
  await on('drag', { from_uid: uid('button "Piece"'), to_uid: uid('button "Board"') });
  await on('upload_file', { uid: uid('button "File'), filePaths: [file] });
  await on('get_css_styles', { uid: uid('button "Go"') });
  expect((await on('evaluate_script', { function: '() => document.title' })).text).toContain('Shop');
  expect((await on('take_screenshot')).images).toHaveLength(1);
  const messages = (await on('list_console_messages')).text;
  expect(messages).toContain('ready');
  await on('get_console_message', { msgid: Number(/msgid=(\d+)/.exec(messages)?.[1]) });
  const requests = (await on('list_network_requests')).text;
  await on('get_network_request', { reqid: Number(/reqid=(\d+)/.exec(requests)?.[1]) });
  await on('emulate', { colorScheme: 'dark' });
  await on('navigate_page', { type: 'reload' });
  await on('performance_start_trace', { reload: false, autoStop: false });
  await on('performance_stop_trace');
  await reach(
    'performance_analyze_insight',
    { pageId, insightSetId: 'NO_NAVIGATION', insightName: 'RenderBlocking' },
    /insight/i,
  );
  await on('take_heapsnapshot', { filePath: join(work, 'x.heapsnapshot') });
  await reach('screencast_start', { pageId }, /screencast|ffmpeg/i);
  await reach('screencast_stop', { pageId }, /screencast|recording/i);
  await on('evaluate_script', { function: "() => { setTimeout(() => alert('hello'), 0); }" });
  await on('handle_dialog', { action: 'accept' });
  await reach('lighthouse_audit', { pageId, mode: 'snapshot' }, /lighthouse|score/i);
  await on('close_page');
}
