// SPDX-License-Identifier: EUPL-1.2
// What was changed, by whom and why, and whether the log bears it out.
export default async (t) => {
	const { test, holds, page, origin, realm, open, close } = t;

	await test('a change stands in the list at once, with who, why and its leaf', async () => {
		realm('ctl', 'party', 'suspend', 'UNHCR.NBO', '--reason', 'for the audit <b>');
		realm('ctl', 'party', 'resume', 'UNHCR.NBO', '--reason', 'over again');
		await page.goto(`${origin}/audit`);
		const row = page.locator('#change-list tbody tr', { hasText: 'for the audit <b>' }).first();
		await row.waitFor();
		holds((await row.innerText()).includes('party suspended'), 'what was done, in words');
		holds(/\d/.test(await row.locator('td').last().innerText()), 'its leaf');
	});

	await test('changes are found by kind', async () => {
		const p = await open('/audit?kind=suspend');
		const words = await p.locator('#change-list tbody tr').allInnerTexts();
		holds(words.length > 0 && words.every((w) => w.includes('party suspended')), 'only those');
		await close(p);
	});

	await test('the chain is checked, and why a second approval does not come from here is said', async () => {
		await page.goto(`${origin}/audit`);
		holds((await page.locator('main').innerText()).includes('two persons at two doors'), 'why');
		await page.getByRole('link', { name: 'Check now' }).click();
		await page.locator('.mark.good', { hasText: 'the store and the log say the same' }).waitFor();
	});
};
