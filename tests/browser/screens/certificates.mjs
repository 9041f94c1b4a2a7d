// SPDX-License-Identifier: EUPL-1.2
// What ends within a year: a picture and the table that says the same.
export default async (t) => {
	const { test, holds, same, open, close, realm, origin, bound } = t;

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

	await test('a key that is turned away is named, and whose it is', async () => {
		realm('ctl', 'party', 'cut', 'KE.CRS', '--reason', 'a test looks');
		const p = await open('/certificates');
		const row = p.locator('#knock-list tbody tr', { hasText: 'KE.CRS' });
		const until = Date.now() + bound;
		while (await row.count() === 0 && Date.now() < until) await p.reload();
		holds((await row.first().innerText()).includes('cut off here'), 'whose key it is');
		realm('ctl', 'party', 'resume', 'KE.CRS', '--reason', 'the test has looked');
		await p.goto(`${origin}/party?code=KE.CRS`);
		await p.locator('#party-facts .mark.good', { hasText: 'connected' }).waitFor();
		await close(p);
	});
};
