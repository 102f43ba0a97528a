import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { SETTINGS } from '../../src/config/settings.ts';

const DOCS = new URL('../../docs/', import.meta.url);
const guide = readFileSync(new URL('teams.md', DOCS), 'utf8');

/** As the platforms that show it make anchors of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe("The guide to Teams' app", () => {
  it('names every setting of Teams, and none that is not there', () => {
    const ours = SETTINGS.map(({ name }) => name).filter((name) => /^(?:TEAMS|GRAPH)_/.test(name));
    const named = [...guide.matchAll(/\b(?:TEAMS|GRAPH)_[A-Z_]*[A-Z]\b/g)].map(([name]) => name);
    assert.deepEqual([...new Set(named)].sort(), [...ours].sort());
  });

  it('leads to files and sections that are there', () => {
    const links = [...guide.matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]+))?\)/g)];
    assert.ok(links.length >= 5);
    for (const [whole, file = '', section] of links) {
      const target = new URL(file === '' ? 'teams.md' : file, DOCS);
      assert.ok(existsSync(target), whole);
      if (section !== undefined) assert.ok(anchorsOf(readFileSync(target, 'utf8')).includes(section), whole);
    }
  });
});
