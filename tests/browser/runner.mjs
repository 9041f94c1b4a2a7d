// SPDX-License-Identifier: EUPL-1.2
//
// The dashboard in a real browser, with a real broker and cases behind it. Prints TAP.
//
//	node runner.mjs SETTINGS [SCREEN...]
//
// SETTINGS is a JSON file: modules (folder with node_modules), link (a command that prints a one-time
// address), realm (a command that is given a word and does it), pictures (a folder), all (pictures of
// every screen in every form). One file of screens/ holds the tests of one screen; its default export
// is called with what is below.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const only = process.argv.slice(3);
const require = createRequire(path.join(settings.modules, 'package.json'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const bound = 20000;
mkdirSync(settings.pictures, { recursive: true });

const run = (command) => execFileSync('bash', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
// What happens in the realm: realm('case') files one more case and gives its number.
const realm = (...words) => run(`${settings.realm} ${words.map((w) => `'${w}'`).join(' ')}`);

let number = 0;
let bad = 0;
const test = async (name, body) => {
	number += 1;
	try {
		await body();
		console.log(`ok ${number} - ${name}`);
	} catch (e) {
		bad += 1;
		console.log(`not ok ${number} - ${name}`);
		console.log(String(e.stack ?? e).replace(/^/gm, '# '));
	}
};
const skip = (name, why) => {
	number += 1;
	console.log(`ok ${number} - ${name} # SKIP ${why}`);
};
const same = (got, wanted, what) => {
	if (got !== wanted) throw new Error(`${what}: got ${got}, wanted ${wanted}`);
};
const holds = (truth, what) => {
	if (!truth) throw new Error(what);
};

const browser = await chromium.launch({
	executablePath: '/usr/bin/chromium',
	args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
		'--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const link = run(settings.link);
const origin = new URL(link).origin;
const faults = [];
const watch = (page) => {
	page.setDefaultTimeout(bound);
	page.on('pageerror', (e) => faults.push(`${page.url()}: ${e}`));
	page.on('console', (m) => m.type() === 'error' && !/status of (4|503)/.test(m.text()) &&
		faults.push(`${page.url()}: ${m.text()}`));
	return page;
};
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
const page = watch(await context.newPage());
await page.goto(link);
const state = await context.storageState();

// A window of its own in the same session: lang, scheme ("light", "dark"), width, scripts (false).
const open = async (at, { lang = 'en', scheme = 'light', width = 1280, scripts = true } = {}) => {
	const c = await browser.newContext({ storageState: state, colorScheme: scheme, javaScriptEnabled: scripts,
		locale: lang, viewport: { width, height: 800 } });
	const p = watch(await c.newPage());
	p.answer = await p.goto(origin + at);
	return p;
};
const close = (p) => p.context().close();

// The same again and again: a window of one kind is opened once.
const windows = new Map();
const kept = async (kind) => {
	const key = JSON.stringify(kind);
	if (!windows.has(key)) windows.set(key, await open('/icon.svg', kind));
	return windows.get(key);
};

// What axe has to object to, by WCAG 2.2 AA; an empty text when nothing.
const axe = async (p) => {
	const cdp = await p.context().newCDPSession(p);
	await cdp.send('Runtime.evaluate', { expression: axeSource });
	const r = await cdp.send('Runtime.evaluate', {
		expression: `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
			.then(r => JSON.stringify(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target).join(' '))))`,
		awaitPromise: true, returnByValue: true });
	return JSON.parse(r.result.value).join('; ');
};
const picture = (p, name) => p.screenshot({ path: path.join(settings.pictures, `${name}.png`), fullPage: true });

// Octets on the wire of a first view of `at': page, sheet, script and icon, as compressed.
const weight = async (at) => {
	const p = await kept({ weighed: true });
	const cdp = await p.context().newCDPSession(p);
	let octets = 0;
	await cdp.send('Network.enable');
	await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
	cdp.on('Network.loadingFinished', (e) => { octets += e.encodedDataLength; });
	await p.goto(origin + at, { waitUntil: 'load' });
	await cdp.detach();
	return octets;
};

// Every look of a screen: axe in two of them, which differ in everything; pictures of all when asked.
const looks = async (name, at) => {
	for (const [lang, scheme, width] of [['en', 'light', 1280], ['ar', 'dark', 390],
		...(settings.all ? [['en', 'dark', 1280], ['ar', 'light', 1280], ['ar', 'dark', 1280], ['en', 'light', 390],
			['en', 'dark', 390], ['ar', 'light', 390], ['fr', 'light', 1280], ['fr', 'light', 390]] : [])]) {
		const p = await kept({ lang, scheme, width });
		await p.goto(origin + at);
		same(await p.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), true,
			`${lang} ${scheme} at ${width}: nothing is wider than the window`);
		same(await axe(p), '', `axe, ${lang} ${scheme} at ${width}`);
		same(await p.evaluate(() => document.documentElement.dir), lang === 'ar' ? 'rtl' : 'ltr', 'direction');
		await picture(p, `${name}-${lang}-${scheme}-${width === 390 ? 'phone' : 'desk'}`);
	}
};
// On paper and in the few colours that a system forces; pictures alone.
const printed = async (at) => {
	const name = at === '/' ? 'overview' : at.slice(1).replaceAll('/', '-');
	const p = await kept({ printed: true });
	await p.goto(origin + at);
	await p.emulateMedia({ media: 'print', forcedColors: 'none', reducedMotion: 'no-preference' });
	await picture(p, `${name}-print`);
	await p.emulateMedia({ media: 'screen', forcedColors: 'active', reducedMotion: 'reduce' });
	await picture(p, `${name}-forced`);
};
const budget = async (at) => {
	const octets = await weight(at);
	holds(octets < 60 * 1024, `first view of ${at} is ${octets} octets, 60 KB are allowed`);
};
// The same without scripts: its heading and its links are there.
const plain = async (at) => {
	const p = await kept({ scripts: false });
	same((await p.goto(origin + at)).status(), 200, `status of ${at}`);
	holds((await p.locator('main h1').innerText()) !== '', 'a heading');
};
// What every screen owes: looks, budget, scripts not needed. For screens/*.mjs.
const screen = async (name, at) => {
	await test(`${name}: axe has nothing to object to, and nothing is too wide`, () => looks(name, at));
	await test(`${name}: first view within 60 KB`, () => budget(at));
	await test(`${name}: is there without scripts`, () => plain(at));
};

const tools = { test, skip, same, holds, run, realm, browser, page, context, origin, link, open, close, axe, picture, weight,
	looks, printed, budget, plain, screen, faults, bound, all: settings.all };
const files = readdirSync(path.join(here, 'screens')).filter((f) => f.endsWith('.mjs')).sort();
const unknown = only.filter((name) => !files.includes(`${name}.mjs`));
if (unknown.length > 0) throw new Error(`no such screen: ${unknown.join(', ')}`);
for (const file of files) {
	if (only.length > 0 && !only.includes(path.basename(file, '.mjs'))) continue;
	const module = await import(path.join(here, 'screens', file));
	const began = Date.now();
	try {
		await module.default(tools);
	} catch (e) {
		await test(`${file} runs to its end`, () => { throw e; });
	}
	console.log(`# ${file}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}
await test('nothing went wrong in the browser', async () => same(faults.join('; '), '', 'faults'));
console.log(`1..${number}`);
await browser.close();
process.exit(bad === 0 ? 0 : 1);
