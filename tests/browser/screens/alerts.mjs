// SPDX-License-Identifier: EUPL-1.2
// Alerts: one fires without a reload, is taken on by name and reason, is muted, and ends.
export default async (t) => {
	const { test, holds, page, origin, realm } = t;
	const act = async (name, reason) => {
		await page.locator('#alerts').getByRole('link', { name }).first().click();
		await page.locator('[name=reason]').fill(reason);
		await page.locator('main form button[type=submit]').click();
		await page.waitForURL('**/alerts**');
	};

	await test('every rule is said in words', async () => {
		await page.goto(`${origin}/alerts`);
		holds(await page.locator('#rule-list tbody tr').count() > 20, 'rules');
		holds((await page.locator('#rule-list').innerText()).includes('the books differ with this party'), 'a sentence');
	});

	await test('an alert fires without a reload, is taken on by name, and muted', async () => {
		await page.goto(`${origin}/alerts`);
		realm('ctl', 'party', 'suspend', 'UNHCR.NBO', '--reason', 'a test looks');
		await page.locator('#alerts-answer', { hasText: 'Somebody is needed' }).waitFor();
		await page.reload();
		const row = page.locator('#alerts tbody tr', { hasText: 'UNHCR.NBO' });
		await row.waitFor();
		await act('Take this alert on', 'it is the test');
		await row.locator('.mark.good', { hasText: 'taken on' }).waitFor();
		await act('Mute this alert', 'it is still the test');
		await row.locator('.mark', { hasText: 'muted' }).waitFor();
		realm('ctl', 'party', 'resume', 'UNHCR.NBO', '--reason', 'the test has looked');
		await page.locator('#alerts-answer', { hasText: 'Nobody is needed' }).waitFor();
	});
};
