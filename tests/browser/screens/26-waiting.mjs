// SPDX-License-Identifier: EUPL-1.2
// Work waiting: what ends first stands first.
export default async (t) => {
	const { test, same, holds, page, origin, realm } = t;

	await test('waiting: what ends first stands first, each with its moment and why', async () => {
		realm('silence', 'KE.CRS');
		realm('file');
		await page.goto(`${origin}/waiting`);
		const rows = page.locator('#waiting tbody tr');
		await rows.first().waitFor();
		const due = await rows.locator('time.left').evaluateAll((all) => all.map((e) => e.dateTime));
		same([...due].sort().join(), due.join(), 'order');
		holds((await rows.first().innerText()).includes('UTC'), 'its moment');
		realm('speak', 'KE.CRS');
	});
};
