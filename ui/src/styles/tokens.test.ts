import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
const root = css.slice(css.indexOf(':root {'), css.indexOf('}'));
const tokens = new Map([...root.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((m) => [m[1] ?? '', m[2] ?? '']));

type Theme = 'light' | 'dark';

function hexOf(name: string, theme: Theme): string {
  const value = tokens.get(name);
  if (value === undefined) throw new Error(`no token --${name}`);
  if (value.startsWith('#')) return value;
  const both = /^light-dark\(var\(--([\w-]+)\), var\(--([\w-]+)\)\)$/.exec(value);
  if (both) return hexOf((theme === 'light' ? both[1] : both[2]) ?? '', theme);
  const alias = /^var\(--([\w-]+)\)$/.exec(value);
  if (alias) return hexOf(alias[1] ?? '', theme);
  throw new Error(`--${name}: ${value} is not a colour`);
}

function luminance(hex: string): number {
  const channels = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (channels[0] ?? 0) + 0.7152 * (channels[1] ?? 0) + 0.0722 * (channels[2] ?? 0);
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const surfaces = ['canvas', 'surface', 'sunken', 'raised'];
const onTill: [text: string, on: string][] = [
  ...surfaces.flatMap((on): [string, string][] => [
    ['text', on],
    ['text-soft', on],
  ]),
  ['accent', 'surface'],
  ['accent', 'accent-soft'],
  ['text', 'accent-soft'],
  ['text-soft', 'accent-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
  ['good', 'good-soft'],
  ['good', 'surface'],
  ['wait', 'wait-soft'],
  ['wait', 'surface'],
  ['bad', 'bad-soft'],
  ['bad', 'surface'],
  ['text', 'wait-soft'],
  ['text', 'bad-soft'],
  ['text', 'good-soft'],
  ['on-practice', 'practice'],
  ['on-test', 'test'],
];
const edges: [line: string, on: string][] = ['canvas', 'surface', 'sunken', 'raised'].flatMap(
  (on): [string, string][] => [
    ['control-line', on],
    ['focus', on],
  ],
);

describe.each<Theme>(['light', 'dark'])('%s', (theme) => {
  it.each(onTill)('%s on %s can be read at the till', (text, on) => {
    expect(contrast(hexOf(text, theme), hexOf(on, theme))).toBeGreaterThanOrEqual(7);
  });
  it.each(edges)('%s on %s can be seen', (line, on) => {
    expect(contrast(hexOf(line, theme), hexOf(on, theme))).toBeGreaterThanOrEqual(3);
  });
});

it('writes no colour twice', () => {
  const raw = [...tokens.values()].filter((value) => value.startsWith('#'));
  expect(new Set(raw).size).toBe(raw.length);
});
