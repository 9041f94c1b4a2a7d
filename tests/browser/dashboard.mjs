// SPDX-License-Identifier: EUPL-1.2
//
// The dashboard in a real browser, with a real broker and cases behind it. Prints TAP.
//
//	node dashboard.mjs MODULES LINK-COMMAND CASE-COMMAND STOP-COMMAND PICTURES
//
// MODULES is the folder with node_modules; LINK-COMMAND prints a one-time address; CASE-COMMAND
// files one more case and returns when it has ended; STOP-COMMAND stops the broker.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const [modules, linkCommand, caseCommand, stopCommand, pictures] = process.argv.slice(2);
const require = createRequire(path.join(modules, 'package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const bound = 20000;

const run = (command) => execFileSync('bash', ['-c', command], { encoding: 'utf8' }).trim();
mkdirSync(pictures, { recursive: true });

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
const link = run(linkCommand);
const origin = new URL(link).origin;
const context = await browser.newContext();
const page = await context.newPage();
const faults = [];
page.on('pageerror', (e) => faults.push(String(e)));
page.on('console', (m) => m.type() === 'error' && faults.push(m.text()));

await test('a one-time link opens the overview', async () => {
	await page.goto(link, { timeout: bound });
	same(page.url(), `${origin}/`, 'address after the link');
	await page.getByRole('heading', { name: 'daftar' }).waitFor({ timeout: bound });
});

await test('the link does not open it twice', async () => {
	const other = await browser.newContext();
	const p = await other.newPage();
	const answer = await p.goto(link, { timeout: bound });
	same(answer.status(), 403, 'status of a used link');
	same((await p.goto(`${origin}/`)).status(), 403, 'status without a session');
	same((await p.goto(`${origin}/events`)).status(), 403, 'status of the stream without a session');
	await other.close();
});

await test('the page says that the exchange works and what is in the books', async () => {
	await page.locator('.answer.good', { hasText: 'Is it working?' }).waitFor({ timeout: bound });
	await page.locator('.answer', { hasText: 'Is anything waiting?' }).waitFor({ timeout: bound });
});

await test('a case filed now appears without a reload, with its timeline', async () => {
	await page.locator('#live', { hasText: 'Live' }).waitFor({ timeout: bound });
	const before = await page.locator('#messages tr').count();
	run(caseCommand);
	await page.waitForFunction((n) => document.querySelectorAll('#messages tr').length > n, before,
		{ timeout: bound });
	const row = page.locator('#messages tr', { hasText: 'TranscriptionRequest' }).first();
	await row.locator('.steps li', { hasText: 'COMMITTED' }).waitFor({ timeout: bound });
	holds((await row.locator('.steps li').count()) >= 3, 'accepted, delivered and committed are shown');
});

await test('a reload shows the same rows', async () => {
	const live = await page.locator('#messages').innerText();
	await page.reload({ timeout: bound });
	same(await page.locator('#messages').innerText(), live, 'rows after a reload');
});

await test('it works without scripts', async () => {
	const plain = await browser.newContext({ javaScriptEnabled: false });
	const p = await plain.newPage();
	await p.goto(run(linkCommand), { timeout: bound });
	holds((await p.locator('#messages tr').count()) > 0, 'messages are there');
	holds((await p.locator('#live').innerText()).includes('Reload'), 'it says how to refresh');
	await plain.close();
});

await test('the answer carries a strict policy and no cache', async () => {
	const answer = await page.goto(`${origin}/`, { timeout: bound });
	const headers = answer.headers();
	holds(headers['content-security-policy'].startsWith("default-src 'none'"), 'policy');
	holds(!headers['content-security-policy'].includes('unsafe'), 'nothing unsafe');
	same(headers['x-content-type-options'], 'nosniff', 'nosniff');
	same(headers['cache-control'], 'no-store', 'cache');
	holds((await answer.body()).length < 60 * 1024, 'first view under 60 KB');
});

await test('axe finds nothing to object to, light and dark, wide and narrow', async () => {
	for (const colorScheme of ['light', 'dark'])
		for (const width of [1280, 390]) {
			await page.emulateMedia({ colorScheme });
			await page.setViewportSize({ width, height: 800 });
			await page.goto(`${origin}/`, { timeout: bound });
			await page.screenshot({ path: path.join(pictures, `${colorScheme}-${width}.png`), fullPage: true });
			const found = await context.newCDPSession(page).then(async (cdp) => {
				await cdp.send('Runtime.evaluate', { expression: axe });
				const r = await cdp.send('Runtime.evaluate', {
					expression: 'axe.run().then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target).join(" "))))',
					awaitPromise: true, returnByValue: true });
				return JSON.parse(r.result.value);
			});
			same(found.join('; '), '', `violations in ${colorScheme} at ${width}`);
		}
	await page.setViewportSize({ width: 1280, height: 800 });
});

await test('the keyboard reaches the content and the table', async () => {
	await page.goto(`${origin}/`, { timeout: bound });
	await page.keyboard.press('Tab');
	same(await page.evaluate(() => document.activeElement.className), 'skip', 'first stop');
	await page.keyboard.press('Tab');
	same(await page.evaluate(() => document.activeElement.className), 'wide', 'second stop');
});

await test('nothing went wrong in the browser so far', async () => {
	same(faults.join('; '), '', 'faults');
});

await test('when the broker is gone the page says so, live', async () => {
	run(stopCommand);
	await page.locator('.answer.bad', { hasText: 'the broker does not answer' }).waitFor({ timeout: bound });
	await page.screenshot({ path: path.join(pictures, 'broker-away.png'), fullPage: true });
});

console.log(`1..${number}`);
await browser.close();
process.exit(bad === 0 ? 0 : 1);
