// SPDX-License-Identifier: EUPL-1.2
// The four answers, what came and went, and that the answers change by themselves.
export default async (t) => {
	const { test, same, holds, page, origin, open, close, realm } = t;

	await test('overview: four questions are answered, each with a sign, a word and a colour', async () => {
		await page.goto(`${origin}/`);
		for (const question of ['Is it working?', 'Is anything waiting too long?', 'Does anything expire?', 'Do the books agree?']) {
			const card = page.locator('article.card', { hasText: question });
			same(await card.count(), 1, question);
			holds((await card.locator('.answer').innerText()).length > 2, `${question} has an answer`);
			holds((await card.locator('.sign').innerText()).length === 1, `${question} has a sign`);
		}
	});

	await test('overview: each chart has a title, a description and its figures as a table', async () => {
		const charts = page.locator('figure.figure');
		same(await charts.count(), 3, 'charts');
		for (const figure of await charts.all()) {
			const svg = figure.locator('svg[role=img]').first();
			holds((await svg.locator('> title').textContent()) !== '', 'title');
			holds((await svg.locator('> desc').textContent()) !== '', 'description');
			await figure.locator('summary').click();
			holds((await figure.locator('tbody tr').count()) > 0, 'figures');
		}
		const accepted = await page.locator('figure').first().locator('tbody td:nth-child(2)').allInnerTexts();
		holds(accepted.some((n) => Number(n) > 0), 'what was accepted is counted');
	});

	await test('overview: letters of charts keep their size on a phone', async () => {
		const p = await open('/', { width: 390 });
		const high = await p.locator('svg.chart text').first().evaluate((e) => e.getBoundingClientRect().height);
		holds(high >= 11, `letters are ${high} px high`);
		await close(p);
	});

	await test('overview: the span is chosen by links, and time runs to the left in Arabic', async () => {
		await page.goto(`${origin}/`);
		await page.locator('.choice a').first().click();
		await page.waitForURL('**/?hours=168');
		const p = await open('/', { lang: 'ar' });
		const [axis, plot] = await p.evaluate(() => ['svg.chart g text', 'svg.chart svg']
			.map((s) => document.querySelector(s).getBoundingClientRect().left));
		holds(axis > plot, 'the axis stands on the right');
		await close(p);
	});

	await test('overview: what waits is told without a reload, and when it is gone', async () => {
		await page.goto(`${origin}/`);
		await page.locator('#live.on').waitFor();
		realm('silence', 'KE.CRS');
		realm('file');
		await page.locator('#a-waiting', { hasText: '1 message waits' }).waitFor();
		await page.goto(`${origin}/waiting`);
		await page.locator('#waiting tbody tr', { hasText: 'Request' }).waitFor();
		await page.locator('#live.on').waitFor();
		realm('speak', 'KE.CRS');
		await page.locator('#waiting tbody tr', { hasText: 'Request' }).waitFor({ state: 'detached' });
	});
};
