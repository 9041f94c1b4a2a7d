// SPDX-License-Identifier: EUPL-1.2
// Parties: a silence is seen, and a party is suspended and served again from its page.
export default async (t) => {
	const { test, holds, page, origin, realm, screen } = t;
	const act = async (name, reason) => {
		await page.getByRole('link', { name }).click();
		await page.locator('[name=reason]').fill(reason);
		await page.locator('main form button[type=submit]').click();
		await page.waitForURL('**/party?code=KE.CRS**');
	};

	await test('a registry that goes away is seen without a reload', async () => {
		await page.goto(`${origin}/parties`);
		const row = page.locator('#parties tbody tr', { hasText: 'KE.CRS' });
		await row.getByText('connected', { exact: false }).first().waitFor();
		holds(/live daftar-adapter\/\d/.test(await row.innerText()), 'its program');
		realm('silence', 'KE.CRS');
		await row.locator('.mark.warn', { hasText: 'away' }).waitFor();
		realm('speak', 'KE.CRS');
		await row.locator('.mark.good', { hasText: 'connected' }).waitFor();
	});

	await screen('party', '/party?code=KE.CRS');

	await test('a party is suspended with a reason, and served again', async () => {
		await page.goto(`${origin}/party?code=KE.CRS`);
		await act('Suspend this party', 'a test looks');
		await page.locator('#party-facts', { hasText: 'suspended' }).waitFor();
		holds((await page.locator('#party-facts').innerText()).includes('a test looks'), 'the reason is shown');
		await act('Serve this party again', 'the test has looked');
		await page.locator('#party-facts .mark.good', { hasText: 'served' }).waitFor();
	});
};
