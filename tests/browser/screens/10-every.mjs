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
};
