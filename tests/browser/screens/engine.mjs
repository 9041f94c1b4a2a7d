// SPDX-License-Identifier: EUPL-1.2
// The engine room: fill, processes, and a scrub that is asked for and seen.
export default async (t) => {
	const { test, holds, page, origin } = t;

	await test('the store, the log head and every process are shown', async () => {
		await page.goto(`${origin}/engine`);
		holds(/percent/.test(await page.locator('#store-part').innerText()), 'how full it is');
		holds(await page.locator('#process-list tbody tr').count() >= 3, 'processes');
		holds(/[0-9a-f]{64}/.test((await page.locator('#log-part').innerText()).replace(/\s/g, '')), 'the head');
	});

	await test('a scrub is asked for with a reason and its end is seen', async () => {
		await page.goto(`${origin}/engine`);
		await page.getByRole('link', { name: 'Read the whole store now' }).click();
		if (await page.locator('[name=reason]').count() > 0)
			await page.locator('[name=reason]').fill('a test');
		await page.locator('main form button[type=submit]').click();
		await page.waitForURL('**/engine**');
		await page.locator('#care-part .mark.good', { hasText: 'well' }).first().waitFor();
	});
};
