// SPDX-License-Identifier: EUPL-1.2
// Sixty texts that somebody might put where a party, an office or an operator may write: first in every
// text of every answer that the screens are made of, then in every field of an address, then as reasons.
import { rmSync, writeFileSync } from 'node:fs';

// Each has a word of its own, by which it is found again. What would come alive is an element
// <x-evil>, an attribute "evil", a call of pwned(), or a request to evil.invalid.
const texts = [
	// markup
	'<script>pwned()</script>', '<x-evil>a</x-evil>', '<img src=//evil.invalid/i onerror=pwned()>',
	'<svg onload=pwned()><x-evil/></svg>', '<style>@import "//evil.invalid/s";*{display:none}</style>',
	'<iframe src=//evil.invalid/f></iframe>', '<base href=//evil.invalid/>', '<meta http-equiv=refresh content=0;url=//evil.invalid/>',
	'<form action=//evil.invalid/><button evil>x</form>', '<link rel=stylesheet href=//evil.invalid/c>',
	'<!-- <x-evil> --><x-evil>', '<![CDATA[<x-evil>]]>', '<math><mtext></mtext><x-evil></math>', '<template><x-evil></template>',
	'</td></tr></table><x-evil>', '</bdi></main></body><x-evil>', '</title><x-evil>', '</script><x-evil>', '</textarea><x-evil>',
	'<x-evil/evil=1', '<details open ontoggle=pwned()>', '<object data=//evil.invalid/o></object>',
	// attributes
	'" evil="1', '\' evil=\'1', '"><x-evil>', '\'><x-evil>', '" onmouseover="pwned()', '` evil=`1', '" autofocus onfocus=pwned() evil="', '=evil ',
	'" style="background:url(//evil.invalid/b)', '&quot; evil=&quot;1', '&lt;x-evil&gt;', '&#60;x-evil&#62;', '&#x3c;x-evil&#x3e;',
	// addresses
	'javascript:pwned()', 'JaVaScRiPt:pwned()', 'java\tscript:pwned()', 'data:text/html,<x-evil>', '//evil.invalid/', 'https://evil.invalid/',
	'\\\\evil.invalid\\x', '/act/drain?on=yes', '../../../etc/passwd', '%3Cx-evil%3E', '?a=b#c&d',
	// style and templates
	'expression(pwned())', '} * { background: url(//evil.invalid/u) } {', '${pwned()}', '{{pwned()}}', '%s%n%d%p', '$(pwned)`pwned`',
	// what is not seen, turns, or never ends
	'\u202eSRC.EK\u202c', '\u2066KE\u2069\u2067SO', 'KE\u200b.CRS\u2060\ufeff', '\u061cKE\u200e.\u200fCRS', '\x1b[31m\x07\x08\x7f\x9b', 'a\r\nSet-Cookie: evil=1\r\n\r\n<x-evil>',
	'\u041a\u0415.CRS \uff1cx-evil\uff1e', 'e\u0301\u0327'.repeat(40), 'W'.repeat(400),
];
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

// What came alive in a document; runs in the page.
const alive = (doc) => {
	const found = [];
	const foreign = (at) => !/^(\/(?!\/)|#|\?)/.test(at);
	for (const e of doc.querySelectorAll('x-evil, [evil], iframe, object, embed, img, base, meta[http-equiv], main script, main style, main link, template, math'))
		found.push(e.outerHTML.slice(0, 80));
	for (const e of doc.querySelectorAll('*'))
		for (const a of e.attributes) {
			if (/^on|^style$|^srcdoc$|["'<]/i.test(a.name)) found.push(`${e.localName} has ${a.name}`);
			if (['href', 'action', 'src', 'formaction', 'xlink:href'].includes(a.name) && foreign(a.value)) found.push(`${e.localName} to ${a.value}`);
		}
	return found.join('; ').slice(0, 400);
};

export default async (t) => {
	const { test, same, holds, browser, realm, bound } = t;
	const { link, file } = JSON.parse(realm('twin'));
	const home = new URL(link).origin;
	const c = await browser.newContext({ viewport: { width: 1280, height: 800 } });
	const page = await c.newPage();
	const wrong = [];
	page.setDefaultTimeout(bound);
	page.on('dialog', (d) => { wrong.push(`dialog ${d.message()}`); d.dismiss(); });
	page.on('request', (r) => !r.url().startsWith(home) && wrong.push(`request to ${r.url()}`));
	page.on('pageerror', (e) => wrong.push(`${page.url()}: ${e}`));
	await c.addInitScript(() => { globalThis.pwned = () => { globalThis.isPwned = true; }; });
	await page.goto(link);
	const screens = ['/', '/corridors', '/corridor?from=KE.CRS&to=SO.NIRA', '/messages', '/message?id=x&ledger=1', '/waiting', '/dead',
		'/reconciliation', '/reconciliation/party?party=KE.CRS', '/reconciliation/corridor?from=KE.CRS&to=SO.NIRA',
		'/parties', '/party?code=KE.CRS', '/certificates', '/alerts', '/audit?check=1', '/engine', '/act/dead-retry?code=EXPIRED'];

	const inert = async (at) => {
		same(await page.evaluate(`(${alive})(document)`), '', `came alive on ${at}`);
		same(await page.evaluate(() => globalThis.isPwned === true), false, `ran on ${at}`);
		same(unseen.test((await page.locator('body').innerText()).replaceAll('\t', ' ')), false, `something unseen on ${at}`);
		same(wrong.join('; '), '', `went wrong on ${at}`);
	};

	await test(`hostile: ${texts.length} texts in every text of every answer do nothing on ${screens.length} screens`, async () => {
		holds(texts.length >= 60 && new Set(texts).size === texts.length, 'sixty of them');
		// One after another, and on some of the screens backwards: what one opens, another might close.
		for (const all of [texts, [...texts].reverse()]) {
			const mark = `hostile-${all === texts ? 'forwards' : 'backwards'}`;
			writeFileSync(file, `${mark} ${all.join(' ')}`);
			for (const until = Date.now() + bound; ;) {
				await page.goto(`${home}/parties`);
				if ((await page.locator('main').innerText()).includes(mark)) break;
				holds(Date.now() < until, 'the answers are spoilt');
			}
			let told = 0;
			for (const at of all === texts ? screens : screens.slice(7, 12)) {
				await page.goto(home + at);
				told += (await page.locator('main').innerText()).includes(mark) ? 1 : 0;
				same(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), true, `${at} is as wide as the window`);
				await inert(at);
			}
			holds(told > (all === texts ? 10 : 3), `${told} screens show what they were told`);
		}
	});

	await test('hostile: a live part brings nothing to life either', async () => {
		rmSync(file);
		for (const until = Date.now() + bound; ;) {
			await page.goto(`${home}/parties`);
			if (!(await page.locator('main').innerText()).includes('hostile-')) break;
			holds(Date.now() < until, 'the answers are whole again');
		}
		await page.locator('#live.on').waitFor();
		// A part of the page has a short name.
		writeFileSync(file, 'hostile-live"><x-evil>\r\n\r\nevent: gone');
		await page.locator('main', { hasText: 'hostile-live' }).waitFor();
		await inert('/parties, live');
		rmSync(file);
	});

	await test('hostile: each of them alone does nothing in any field of an address or a form, and no act is done by it', async () => {
		await page.goto(`${home}/act/alert-mute?rule=draining&back=/alerts`);
		const token = await page.locator('main [name=token]').inputValue();
		const found = await page.evaluate(`(async () => {
			const alive = ${alive};
			const look = async (at, options) => {
				const answer = await fetch(at, options);
				const doc = new DOMParser().parseFromString(await answer.text(), 'text/html');
				const found = alive(doc);
				if (found) throw new Error(at.slice(0, 60) + ': ' + found);
				if (!doc.querySelector('main h1')) throw new Error(at.slice(0, 60) + ' has no heading');
				if (new URL(answer.url).origin !== location.origin) throw new Error('led to ' + answer.url);
			};
			const fields = ['q', 'from', 'to', 'party', 'code', 'state', 'stage', 'action', 'since', 'until', 'before', 'after', 'hours',
				'id', 'kind', 'by', 'back', 'reason', 'name', 'lang', 'scheme'];
			for (const text of ${JSON.stringify([...texts].reverse())}) {
				const all = fields.map((name) => name + '=' + encodeURIComponent(text.slice(0, 60))).join('&');
				for (const at of ['/messages', '/act/alert-unmute']) await look(at + '?' + all);
				await look('/act/alert-mute', { method: 'POST', body: new URLSearchParams(
					{ token: ${JSON.stringify(token)}, rule: 'draining', until: '8h', back: text, reason: text }) });
			}
			return '';
		})()`);
		same(found, '', 'found');
		await page.goto(`${home}/audit`);
		holds((await page.locator('#change-list').innerText()).includes('<x-evil>a</x-evil>'), 'a reason is shown as it was written');
		await inert('/audit');
		await page.goto(`${home}/alerts`);
		await inert('/alerts');
		realm('untwin');
		await c.close();
	});
};
