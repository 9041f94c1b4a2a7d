// SPDX-License-Identifier: EUPL-1.2
// Last: the broker goes, and comes again.
export default async (t) => {
	const { test, holds, same, realm } = t;

	// What the exchange alone knows of this party.
	const known = (window) => window.locator('#party-facts .mark', { hasText: 'connected' });
	const party = '/party?code=KE.CRS';
	const before = await t.open(party);
	const heard = () => before.locator('#party-facts time').first().getAttribute('datetime');
	let meanwhile, last;

	await test('when the broker is gone the page says so live, and what it shows stays', async () => {
		await known(before).waitFor();
		await before.locator('#live.on').waitFor();
		last = await heard();
		realm('stop');
		await before.locator('#live.late', { hasText: 'the exchange does not answer' }).waitFor();
		holds(await known(before).isVisible(), 'what was known is still shown');
	});

	await test('a page that is loaded while the broker is gone says what to do', async () => {
		meanwhile = await t.open(party);
		same(meanwhile.answer.status(), 503, 'status');
		await meanwhile.locator('.error', { hasText: 'does not answer' }).first().waitFor();
		await meanwhile.locator('.error code', { hasText: 'UNREACHABLE' }).first().waitFor();
		await t.picture(meanwhile, 'broker-away');
		// As what came of an act, which is said once.
		await meanwhile.locator('h1').evaluate((h) => h.insertAdjacentHTML('beforebegin', '<p class="flash">done</p>'));
	});

	await test('both are live and whole when the broker is there again', async () => {
		realm('start');
		await before.locator('#live.on').waitFor();
		// "connected" alone could be what it showed before.
		await before.waitForFunction((was) => {
			const time = document.querySelector('#party-facts time');
			return time && time.dateTime !== was;
		}, last);
		await known(before).waitFor();
		await known(meanwhile).waitFor();
		await meanwhile.locator('#live.on').waitFor();
		same(await meanwhile.locator('main .flash + h1').count(), 1, 'what came of an act stays where it was');
		same(await meanwhile.locator('main h1').innerText(), 'KE.CRS', 'heading');
		await before.context().close();
		await meanwhile.context().close();
	});
};
