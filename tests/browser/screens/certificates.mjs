// SPDX-License-Identifier: EUPL-1.2
// What ends within a year: a picture and the table that says the same.
export default async (t) => {
	const { test, holds, same, open, close } = t;

	await test('the picture has a name, and the table holds what it shows', async () => {
		const p = await open('/certificates');
		holds((await p.locator('svg.expiry title').textContent()).length > 20, 'a title');
		const shown = await p.locator('svg.expiry .life').count();
		holds(shown >= 1, 'something ends within a year');
		holds(await p.locator('#certificates tbody tr').count() >= shown, 'rows of the table');
		await p.locator('#certificates tbody tr', { hasText: 'within 90 days' }).first().waitFor();
		same(await p.locator('#certificates [href^="/act/cert-revoke"]').count() > 0, true, 'a certificate can be refused');
		await close(p);
	});

	await test('a stranger who knocks is named by its key', async () => {
		const p = await open('/certificates');
		await p.getByRole('heading', { name: 'Unknown keys that knocked' }).waitFor();
		holds(await p.locator('#knock-part').innerText() !== '', 'what is known of them');
		await close(p);
	});
};
