// SPDX-License-Identifier: EUPL-1.2
// Last: the broker goes.
export default async (t) => {
	const { test, page, origin, realm } = t;

	await test('when the broker is gone the page says so, live and after a reload', async () => {
		await page.goto(`${origin}/`);
		await page.locator('#live.on').waitFor();
		realm('stop');
		await page.reload();
		await page.locator('.error', { hasText: 'does not answer' }).first().waitFor();
		await page.locator('.error code', { hasText: 'UNREACHABLE' }).first().waitFor();
		await t.picture(page, 'broker-away');
	});
};
