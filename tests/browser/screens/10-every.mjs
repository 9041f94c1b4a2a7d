// SPDX-License-Identifier: EUPL-1.2
// What every screen owes: found by the navigation, so that none is forgotten.
export default async (t) => {
	const { page, origin, screen } = t;

	await page.goto(`${origin}/`);
	const paths = await page.locator('nav.screens a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
	t.holds(paths.length > 0, 'there is a navigation');
	for (const at of paths) await screen(at === '/' ? 'overview' : at.slice(1).replaceAll('/', '-'), at);

	await page.goto(`${origin}/messages`);
	await screen('message', await page.locator('tbody a').first().getAttribute('href'));
	await screen('act', '/act/hold?id=DFT-0000-0000-0&back=/messages');
	await screen('runbook', '/help/aside');
	if (!t.all) return;
	// Told apart from the rest by little: looked at when pictures are asked for.
	for (const [name, at] of [['act-dead', '/act/dead-retry?code=SET-ASIDE&back=/dead'], ['act-sign',
		'/act/reconcile-sign?from=KE.CRS&to=SO.NIRA&since=1795737600000&until=1795824000000'], ['no-page', '/nowhere'],
	['no-message', '/message?id=01a21f18-cfaa-7264-9c50-76b5402bc965'], ['no-party', '/party?code=XX.NONE'],
	['corridor', '/corridor?from=KE.CRS&to=SO.NIRA'], ['filters', '/messages?stage=COMMITTED&from=KE.CRS'],
	['book-corridor', '/reconciliation/corridor?from=KE.CRS&to=SO.NIRA'], ['book-party', '/reconciliation/party?party=KE.CRS']])
		await t.test(`${name}: its looks`, () => t.looks(name, at));
	for (const at of ['/', '/messages', '/help/aside']) await t.test(`${at}: on paper, and in a system's own colours`, () => t.printed(at));
};
