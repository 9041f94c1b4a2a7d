// SPDX-License-Identifier: EUPL-1.2
// Coming in, and what holds for every page: the frame.
export default async (t) => {
	const { test, same, holds, page, origin, link, open, close, browser, realm } = t;

	await test('the link does not open it twice, and nothing is shown without a session', async () => {
		const c = await browser.newContext();
		const p = await c.newPage();
		same((await p.goto(link)).status(), 403, 'status of a used link');
		for (const at of ['/', '/messages', '/events?at=/', '/act/hold?id=x'])
			same((await p.goto(origin + at)).status(), 403, `status of ${at}`);
		await t.picture(p, 'come-in');
		await c.close();
	});

	await test('the answer carries a strict policy and no cache', async () => {
		const headers = (await page.goto(`${origin}/`)).headers();
		holds(headers['content-security-policy'].startsWith("default-src 'none'"), 'policy');
		holds(!headers['content-security-policy'].includes('unsafe'), 'nothing unsafe');
		same(headers['x-content-type-options'], 'nosniff', 'nosniff');
		same(headers['cache-control'], 'no-store', 'cache');
	});

	await test('the keyboard: skip link first, the search second after the name, / leads there', async () => {
		await page.goto(`${origin}/`);
		await page.keyboard.press('Tab');
		same(await page.evaluate(() => document.activeElement.className), 'skip', 'first stop');
		await page.keyboard.press('Enter');
		await page.keyboard.press('/');
		same(await page.evaluate(() => document.activeElement.id), 'find', 'after /');
		holds(await page.evaluate(() => parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2),
			'the focus is seen');
	});

	await test('every target is 24 px or has room around it', async () => {
		for (const width of [1280, 390]) {
			const p = await open('/', { width });
			const small = await p.evaluate(() => [...document.querySelectorAll('nav a, button, input, select, .button')]
				.filter((e) => e.offsetParent !== null && !e.closest('.skip'))
				.map((e) => [e.textContent.trim(), e.getBoundingClientRect()])
				.filter(([, r]) => r.height < 24 || r.width < 24).map(([text]) => text));
			same(small.join(', '), '', `too small at ${width}`);
			await close(p);
		}
	});

	await test('the longest words of a phone stay within its margins', async () => {
		const p = await open('/messages?stage=COMMITTED', { lang: 'fr', width: 390 });
		const out = await p.evaluate(() => [...document.querySelectorAll('.top *, main button, main input, main select')]
			.filter((e) => e.offsetParent !== null && e.getBoundingClientRect().right > innerWidth - 15).map((e) => e.outerHTML.slice(0, 60)));
		same(out.join(', '), '', 'stands outside');
		await close(p);
	});

	await test('on paper it is dark on white and nothing is cut off, whatever the screen is', async () => {
		const p = await open('/', { scheme: 'dark', width: 740 });
		await p.emulateMedia({ media: 'print' });
		same(await p.locator('.answer').first().evaluate((e) => getComputedStyle(e).color), 'rgb(0, 0, 0)', 'ink');
		const cut = await p.locator('.wide').evaluateAll((all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).length);
		same(cut, 0, 'tables that are wider than the sheet');
		await close(p);
	});

	await test('language and colours are kept', async () => {
		const p = await open('/messages');
		await p.getByRole('link', { name: 'العربية' }).click();
		await p.waitForURL('**/messages');
		same(await p.evaluate(() => document.documentElement.lang), 'ar', 'language');
		await p.goto(`${origin}/corridors?scheme=dark`);
		same(new URL(p.url()).search, '', 'the address is clean again');
		same(await p.evaluate(() => document.documentElement.lang), 'ar', 'language, later');
		holds(await p.evaluate(() => getComputedStyle(document.documentElement).colorScheme === 'dark'), 'dark');
		await close(p);
	});

	await test('a tracking number leads to its message, anything else to the list', async () => {
		const number = realm('case');
		await page.goto(`${origin}/`);
		await page.locator('#find').fill(number.toLowerCase());
		await page.keyboard.press('Enter');
		await page.waitForURL('**/message?id=*');
		holds((await page.locator('h1').innerText()).includes(number), 'its page');
		await page.locator('#find').fill('<b>nobody</b>');
		await page.keyboard.press('Enter');
		await page.waitForURL('**/messages?q=*');
		same(await page.locator('main b', { hasText: 'nobody' }).count(), 0, 'elements made of the question');
	});

	await test('live: the page changes by itself, by less than 2 KB, and says as of when', async () => {
		await page.goto(`${origin}/messages`);
		await page.locator('#live.on').waitFor();
		const cdp = await page.context().newCDPSession(page);
		let octets = 0;
		await cdp.send('Network.enable');
		cdp.on('Network.dataReceived', (e) => { octets += e.dataLength; });
		const before = await page.locator('tbody tr').count();
		const first = await page.locator('#fresh').innerText();
		realm('case');
		await page.waitForFunction((n) => document.querySelectorAll('tbody tr').length > n, before);
		await page.waitForFunction((text) => document.getElementById('fresh').innerText !== text, first);
		const live = await page.locator('tbody').innerText();
		holds(octets > 0 && octets < 8 * 1024, `${octets} octets for a whole case`);
		await page.reload();
		const ids = (text) => (text.match(/DFT-[0-9A-Z-]+/g) ?? []).join(' ');
		same(ids(await page.locator('tbody').innerText()), ids(live), 'rows after a reload');
	});

	await test('live can be paused', async () => {
		await page.goto(`${origin}/`);
		await page.locator('#live.on').waitFor();
		await page.locator('#pause').click();
		await page.locator('#live.rest').waitFor();
		await page.locator('#pause').click();
		await page.locator('#live.on').waitFor();
	});

	await test('an error page is in the house form', async () => {
		const p = await open('/nowhere', { lang: 'fr' });
		same(p.answer.status(), 404, 'status');
		await p.getByRole('link').first().waitFor();
		same(await t.axe(p), '', 'axe');
		await close(p);
	});
};
