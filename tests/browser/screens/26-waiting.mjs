// SPDX-License-Identifier: EUPL-1.2
// Work waiting and dead letters: what is set aside by hand is found, and goes on when it is released.
export default async (t) => {
	const { test, same, holds, page, origin, realm } = t;
	const act = async (name, reason) => {
		await page.locator('.acts a', { hasText: name }).first().click();
		await page.locator('[name=reason]').fill(reason);
		await page.locator('main form button[type=submit]').click();
	};

	await test('waiting: what ends first stands first, each with its moment and why', async () => {
		realm('silence', 'KE.CRS');
		realm('file');
		await page.goto(`${origin}/waiting`);
		const rows = page.locator('#waiting tbody tr');
		await rows.first().waitFor();
		const due = await rows.locator('time.left').evaluateAll((all) => all.map((e) => e.dateTime));
		same([...due].sort().join(), due.join(), 'order');
		holds((await rows.first().innerText()).includes('UTC'), 'its moment');
	});

	await test('dead letters: one set aside is grouped by its reason with an example, and can be released', async () => {
		await page.locator('#waiting tbody a').first().click();
		await act('Set this message aside', 'browser test looks at it');
		await page.goto(`${origin}/dead`);
		const group = page.locator('article.card').first();
		await group.locator('a', { hasText: 'DFT-' }).waitFor();
		same(await page.locator('#dead tbody tr').count(), 1, 'rows');
		await page.goto(`${origin}/`);
		await page.locator('#a-waiting', { hasText: '1 message is set aside' }).waitFor();
		await page.goto(`${origin}/messages?state=aside`);
		await page.locator('#messages tbody a').first().click();
		await page.locator('.where', { hasText: 'set aside' }).waitFor();
		await act('Release this message', 'browser test lets it go');
		realm('speak', 'KE.CRS');
		await page.goto(`${origin}/dead`);
		await page.locator('#groups-none p').waitFor();
	});

	await test('dead letters: a set is tried again only after its dry run was shown', async () => {
		await page.goto(`${origin}/act/dead-retry?code=QUARANTINED&back=/dead`);
		holds((await page.locator('main').innerText()).includes('0'), 'the dry run says how many');
	});
};
