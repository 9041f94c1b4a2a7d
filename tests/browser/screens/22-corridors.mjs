// SPDX-License-Identifier: EUPL-1.2
// The picture of countries and its table; one corridor.
export default async (t) => {
	const { test, same, holds, page, origin, open, close, realm } = t;
	const corridor = '/corridor?from=KE.CRS&to=SO.NIRA';

	await test('corridors: the picture and the table hold the same', async () => {
		await page.goto(`${origin}/corridors`);
		const names = await page.locator('svg.graph .name').allTextContents();
		holds(names.includes('KE') && names.includes('SO'), `countries: ${names}`);
		const rows = await page.locator('#corridors tbody tr').count();
		const edges = await page.locator('svg.graph .edge').count();
		holds(edges > 0 && edges <= rows, `${edges} edges, ${rows} rows`);
		await page.locator('#corridors tbody tr', { hasText: 'KE.CRS' }).first().waitFor();
	});

	await test('corridors: the picture is mirrored in Arabic', async () => {
		const places = async (lang) => {
			const p = await open('/corridors', { lang });
			const box = await p.locator('svg.graph').boundingBox();
			const all = await p.locator('svg.graph .node').evaluateAll((nodes) => nodes
				.map((n) => [n.querySelector('.name').textContent, n.querySelector('circle, path').getBoundingClientRect()])
				.map(([name, r]) => [name, (r.left + r.right) / 2]));
			await close(p);
			return new Map(all.map(([name, x]) => [name, Math.round((x - box.x) / box.width * 100)]));
		};
		const en = await places('en');
		const ar = await places('ar');
		for (const [name, x] of en) holds(Math.abs(x + ar.get(name) - 100) <= 1, `${name}: ${x} and ${ar.get(name)}`);
	});

	await test('corridor: rules, people and messages of it', async () => {
		await page.goto(origin + corridor);
		holds((await page.locator('#agreements tbody tr').count()) > 0, 'agreements');
		same(await page.locator('.parties .party').count(), 2, 'whom to call');
		await page.getByRole('link', { name: 'All messages of this corridor' }).click();
		await page.waitForURL('**/messages?from=KE.CRS&to=SO.NIRA');
		await page.locator('#messages tbody tr').first().waitFor();
	});

	await test('corridor: closed, it says when and why, and from where to where in Arabic as well', async () => {
		realm('ctl', 'corridor', 'close', 'KE.CRS', 'SO.NIRA', '--reason', 'a test looks');
		const p = await open(corridor, { lang: 'ar' });
		await p.locator('#changes-table tbody tr', { hasText: 'a test looks' }).first().waitFor();
		same(await p.locator('h1').innerText(), 'KE.CRS \u2192 SO.NIRA', 'in the order of its own letters');
		const numbers = await p.locator('svg.chart text').evaluateAll((all) => all
			.filter((e) => /[\u0600-\u06ff]/.test(e.textContent) && /^[0-9]/.test(e.textContent))
			.map((e) => e.getStartPositionOfChar(0).x > e.getStartPositionOfChar(e.getNumberOfChars() - 1).x));
		holds(numbers.length > 3 && numbers.every((right) => right), 'a number stands on the right of its unit');
		await close(p);
		realm('ctl', 'corridor', 'open', 'KE.CRS', 'SO.NIRA', '--reason', 'the test has looked');
	});

	await test('corridor: one that nobody knows is not there', async () => {
		const p = await open('/corridor?from=XX.NOBODY&to=%3Cscript%3E');
		same(p.answer.status(), 404, 'status');
		await close(p);
	});
};
