/** Every form of a report, whole: a verify that found something of everything, a clean sample, and a run without a result. */
import { expect, test } from 'vitest';
import { plain } from '../../../src/report/format.ts';
import { renderJson } from '../../../src/report/json.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { renderText } from '../../../src/report/text.ts';
import { broken, clean, damaged } from './damaged.ts';

const REPORTS = { damaged: damaged(), clean: clean(), broken: broken() };
const CONTENT = ['The safe', 'Deploys are', 'Ask nobody', 'We settle'];

test.each(['damaged', 'clean', 'broken'] as const)('%s, as text', async (name) => {
  await expect(renderText(REPORTS[name], { style: plain, content: true })).toMatchFileSnapshot(`snapshots/${name}.txt`);
});

test.each(['damaged', 'clean', 'broken'] as const)('%s, as JSON', async (name) => {
  await expect(renderJson(REPORTS[name], false)).toMatchFileSnapshot(`snapshots/${name}.json.txt`);
});

test.each(['damaged', 'clean', 'broken'] as const)('%s, as JUnit XML', async (name) => {
  await expect(renderJunit(REPORTS[name], false)).toMatchFileSnapshot(`snapshots/${name}.xml`);
});

test.each(['damaged', 'clean', 'broken'] as const)('%s, as Markdown', async (name) => {
  await expect(renderMarkdown(REPORTS[name], { content: false, most: 1_000 })).toMatchFileSnapshot(
    `snapshots/${name}.md`,
  );
});

test('with content, as Markdown and as JUnit XML', async () => {
  const { damaged: report } = REPORTS;
  await expect(renderMarkdown(report, { content: true, most: 3 })).toMatchFileSnapshot('snapshots/content.md');
  await expect(renderJunit(report, true)).toMatchFileSnapshot('snapshots/content.xml');
});

test('files hold no content of memories unless that was asked for', () => {
  const { damaged: report } = REPORTS;
  const files = [
    renderJson(report, false),
    renderJunit(report, false),
    renderMarkdown(report, { content: false, most: 99 }),
  ];
  for (const words of CONTENT) for (const file of files) expect(file).not.toContain(words);
  const asked = [
    renderJson(report, true),
    renderJunit(report, true),
    renderMarkdown(report, { content: true, most: 99 }),
  ];
  for (const words of CONTENT) for (const file of asked) expect(file).toContain(words);
});
