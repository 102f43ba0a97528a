import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { titlesOf } from '../support/titles.ts';

const ROOT = new URL('../../', import.meta.url);
const HEADING = '## What is known, and what the bot makes of it';

interface Row {
  line: string;
  cells: string[];
}

/** The rows of all tables below the heading, without their heads. */
function rowsOf(guide: string): Row[] {
  const [, part = ''] = guide.split(HEADING);
  const lines = part.split('\n').filter((line) => line.startsWith('|'));
  const rows = lines.map((line) => ({ line, cells: cellsOf(line) }));
  return rows.filter(({ cells }) => !/^(?:-+|what is known)$/.test(cells[0] ?? ''));
}

/** A bar inside code is written `\|`. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** The files that a cell names, each with its titles. */
function testsIn(cell: string): { file: string; titles: string[] }[] {
  return [...cell.matchAll(/`(test\/[^`]+)`((?:[ ,]*“[^”]+”)*)/g)].map(([, file = '', titles = '']) => ({
    file,
    titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
  }));
}

describe('The table of what is known of Defender', () => {
  const rows = rowsOf(readFileSync(new URL('docs/defender.md', ROOT), 'utf8'));

  it('has three cells in each row, none of them empty, and no row twice', () => {
    assert.ok(rows.length > 100, `${rows.length} rows`);
    for (const { line, cells } of rows) {
      assert.equal(cells.length, 3, line);
      assert.ok(
        cells.every((cell) => cell !== ''),
        line,
      );
    }
    const facts = rows.map(({ cells }) => cells[0]);
    assert.deepEqual(
      facts.filter((fact, index) => facts.indexOf(fact) !== index),
      [],
    );
  });

  it('names in each row a test that is there, by its file and its title', () => {
    const missing = rows.flatMap(({ line, cells: [, , shown = ''] }) => {
      const tests = testsIn(shown);
      if (tests.length === 0) return [`no test in: ${line}`];
      return tests.flatMap(({ file, titles }) => {
        const url = new URL(file, ROOT);
        if (!existsSync(url)) return [`no file ${file}`];
        if (titles.length === 0) return [`no title for ${file} in: ${line}`];
        const there = titlesOf(url);
        return titles.filter((title) => !there.includes(title)).map((title) => `no “${title}” in ${file}`);
      });
    });
    assert.deepEqual(missing, []);
  });

  it('lets nothing but such names stand in the last cell', () => {
    for (const { cells } of rows) {
      const rest = (cells[2] ?? '').replace(/`test\/[^`]+`(?:[ ,]*“[^”]+”)+/g, '').replace(/[;, ]/g, '');
      assert.equal(rest, '', cells[2]);
    }
  });
});
