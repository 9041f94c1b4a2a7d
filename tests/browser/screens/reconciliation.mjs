// SPDX-License-Identifier: EUPL-1.2
// Do the books agree: the matrix, a comparison that is asked for, a corridor and its signatures.
export default async (t) => {
	const { test, holds, same, page, origin, realm, open, close, axe } = t;

	await test('a comparison that ends is seen without a reload, by sign and word', async () => {
		await page.goto(`${origin}/reconciliation`);
		realm('ctl', 'reconcile', 'run', 'KE.CRS');
		const today = page.locator('#party-days tbody tr', { hasText: 'KE.CRS' }).locator('td').first();
		await today.locator('.sq.equal').waitFor();
		holds((await today.textContent()).includes('equal'), 'the word beside the sign');
	});

	await test('a party can be asked to compare, with a reason, and is', async () => {
		await page.goto(`${origin}/reconciliation/party?party=KE.CRS`);
		const before = await page.locator('#book-facts time').first().getAttribute('datetime');
		await page.getByRole('link', { name: 'Compare the books now' }).click();
		if (await page.locator('[name=reason]').count() > 0)
			await page.locator('[name=reason]').fill('asked by a test');
		await page.locator('main form button[type=submit]').click();
		await page.waitForURL('**/reconciliation/party?**');
		await page.waitForFunction((was) => document.querySelector('#book-facts time').dateTime !== was, before);
	});

	await test('a corridor shows what both sides have signed, once they have', async () => {
		const day = new Date(Date.now() - 86400000).toISOString().slice(0, 10);
		realm('ctl', 'reconcile', 'sign', 'KE.CRS', 'SO.NIRA', day);
		const p = await open(`/reconciliation/corridor?from=KE.CRS&to=SO.NIRA&day=${day}`);
		same(await p.locator('.statement').count(), 2, 'statements');
		holds((await p.locator('.statement').first().innerText()).includes('counter-signed'), 'the result');
		holds((await p.locator('.statement pre').first().textContent()).includes('daftar-closing/1'), 'the note');
		const row = p.locator('#stated tbody tr', { hasText: day });
		holds((await row.innerText()).includes('equal'), `the day ${day}`);
		same(await axe(p), '', 'axe');
		await p.goto(`${origin}/reconciliation`);
		await p.locator('#matrix .sq.equal').first().waitFor();
		await close(p);
	});

	await test('hostile names of a party and a corridor are inert and refused', async () => {
		const hostile = encodeURIComponent('"><img src=x onerror=alert(1)>');
		for (const at of [`/reconciliation/party?party=${hostile}`,
			`/reconciliation/corridor?from=${hostile}&to=${hostile}`, `/party?code=${hostile}`]) {
			const p = await open(at);
			same(await p.locator('main img').count(), 0, `an element of ${at}`);
			holds(await p.locator('main h1').count() === 1, 'a heading');
			await close(p);
		}
	});
};
