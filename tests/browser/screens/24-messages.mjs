// SPDX-License-Identifier: EUPL-1.2
// The list of messages with its filters in the address, and the page of one.
export default async (t) => {
	const { test, same, holds, page, origin, open, close } = t;

	await test('messages: the search is the first field, large, and its question stays in the address', async () => {
		await page.goto(`${origin}/messages`);
		const number = (await page.locator('#messages tbody th').first().innerText()).trim();
		const field = page.locator('main input').first();
		same(await field.getAttribute('name'), 'q', 'first field');
		holds((await field.boundingBox()).height >= 40, 'large');
		await field.fill(number);
		await page.locator('.search button').click();
		await page.waitForURL((u) => u.searchParams.get('q') === number);
		const found = await page.locator('#messages tbody th').allInnerTexts();
		holds(found.length > 0 && found.every((n) => n.trim() === number), `found ${found}`);
	});

	await test('messages: filters live in the address and are filled in again', async () => {
		await page.goto(`${origin}/messages?action=CertifiedExtract&stage=COMMITTED`);
		same(await page.locator('details.more').getAttribute('open'), '', 'filters are open');
		same(await page.locator('[name=action]').inputValue(), 'CertifiedExtract', 'kind');
		for (const row of await page.locator('#messages tbody tr').allInnerTexts())
			holds(row.includes('COMMITTED') && row.includes('Extract'), row);
		await page.locator('[name=from]').fill('ke.crs');
		await page.locator('.search button').click();
		await page.waitForURL((u) => u.searchParams.get('from') === 'ke.crs' && u.searchParams.get('stage') === 'COMMITTED');
		holds((await page.locator('#messages tbody tr').count()) > 0, 'small letters are understood');
	});

	await test('messages: a filter that is not understood is told in words', async () => {
		await page.goto(`${origin}/messages?since=yesterday`);
		await page.locator('.empty', { hasText: 'A filter is not understood' }).waitFor();
	});

	await test('messages: a filter is saved under a name, offered again, and removed', async () => {
		await page.goto(`${origin}/messages?stage=COMMITTED`);
		await page.locator('#saved input').fill('<b>done</b>');
		await page.locator('#saved form button').click();
		await page.goto(`${origin}/messages`);
		const link = page.locator('#saved a');
		same(await link.innerText(), '<b>done</b>', 'its name');
		await link.click();
		await page.waitForURL('**/messages?stage=COMMITTED');
		await page.locator('#saved span button').click();
		same(await page.locator('#saved a').count(), 0, 'left');
	});

	await test('message: its way, what proves it, and only allowed acts', async () => {
		await page.goto(`${origin}/messages?stage=COMMITTED`);
		await page.locator('#messages tbody a').first().click();
		await page.waitForURL('**/message?id=*');
		same(await page.locator('.track li').count(), 3, 'steps');
		await page.locator('.where', { hasText: 'has entered it' }).waitFor();
		const verdicts = page.locator('#evidence-table tbody tr');
		holds((await verdicts.count()) >= 3, 'leaves');
		for (const row of await verdicts.allInnerTexts()) holds(row.includes('signature verified'), row);
		same(await page.locator('.acts a').count(), 0, 'nothing is to be done with what has ended');
		await page.getByRole('link', { name: 'Show the ledger' }).click();
		await page.locator('#ledger-table tbody tr', { hasText: 'accepted' }).first().waitFor();
	});

	await test('message: one that nobody knows is not there', async () => {
		const p = await open('/message?id=01a21f18-cfaa-7264-9c50-76b5402bc965');
		same(p.answer.status(), 404, 'status');
		await p.locator('.error code', { hasText: 'NOT-FOUND' }).waitFor();
		await close(p);
	});
};
