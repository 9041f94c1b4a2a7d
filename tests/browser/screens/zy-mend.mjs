// SPDX-License-Identifier: EUPL-1.2
// Somebody who has only the dashboard and its runbooks finds what is wrong, and mends it: a registry
// that is silent, what was set aside, what ends soon, books that differ. What a runbook says to type
// on a machine is typed there (realm); the rest is done on the pages.
export default async (t) => {
	const { test, holds, page, origin, realm } = t;

	const read = async (name, word) => {
		await page.locator('nav.screens').getByRole('link', { name: 'Runbooks' }).click();
		await page.getByRole('link', { name }).click();
		await page.waitForURL(`**/help/${word}`);
		holds((await page.locator('.runbook-text').innerText()).includes('Mended when'), 'it says when it is mended');
	};
	const act = async (name, reason) => {
		await page.getByRole('link', { name, exact: true }).click();
		if (await page.locator('[name=reason]').count() > 0) await page.locator('[name=reason]').fill(reason);
		await page.locator('main form button[type=submit]').click();
		await page.locator('.flash').waitFor();
	};
	const ends = async (number, stage) => {
		await page.goto(`${origin}/message?id=${number}`);
		await page.locator('#state .good, .track .good', { hasText: stage }).last().waitFor();
	};

	await test('a silent registry is found and mended', async () => {
		realm('silence', 'KE.CRS');
		const number = realm('file');
		await page.goto(`${origin}/`);
		await page.locator('#a-waiting', { hasText: /messages? waits?/ }).waitFor();
		await page.locator('nav.screens').getByRole('link', { name: 'Parties' }).click();
		await page.locator('#parties tbody tr', { hasText: 'KE.CRS' }).locator('.mark.warn', { hasText: 'away' }).waitFor();
		await read('A registry or office is silent', 'silence');
		realm('speak', 'KE.CRS');
		await page.locator('nav.screens').getByRole('link', { name: 'Parties' }).click();
		await page.locator('#parties tbody tr', { hasText: 'KE.CRS' }).locator('.mark.good', { hasText: 'connected' }).waitFor();
		await ends(number, 'Committed');
	});

	// Whatever a test above left: both registries are there.
	const whole = () => ['KE.CRS', 'SO.NIRA'].forEach((code) => realm('speak', code));

	// An exchange that cannot set a message aside offers nothing of the kind.
	realm('silence', 'KE.CRS');
	await page.goto(`${origin}/message?id=${realm('file')}`);
	const aside = (await page.locator('a[href^="/act/hold"], a[href^="/act/release"]').count()) > 0;
	const when = aside ? test : (name) => t.skip(name, 'this exchange offers to set nothing aside');
	await when('what was set aside is found, and goes on its way', async () => {
		realm('silence', 'KE.CRS');
		const number = realm('file');
		await page.goto(`${origin}/message?id=${number}`);
		await act('Set this message aside', 'the register is being moved');
		await page.locator('nav.screens').getByRole('link', { name: 'Dead letters' }).click();
		await page.locator('main', { hasText: number }).waitFor();
		await read(/Set aside/, 'aside');
		realm('speak', 'KE.CRS');
		await page.goto(`${origin}/message?id=${number}`);
		await act('Release this message', 'the register is there again');
		await ends(number, 'Committed');
	});

	await test('what ends soon is found, and ends later', async () => {
		whole();
		realm('trust', '5');
		await page.goto(`${origin}/`);
		await page.locator('#a-expiring time.left', { hasText: /\b[45] days/ }).first().waitFor();
		await page.locator('nav.screens').getByRole('link', { name: 'Certificates' }).click();
		const row = page.locator('#certificates tbody tr', { hasText: 'trust list' });
		await row.locator('.mark.bad', { hasText: 'within 7 days' }).waitFor();
		await read('The trust list expires', 'trust-list');
		realm('trust', '90');
		await page.locator('nav.screens').getByRole('link', { name: 'Certificates' }).click();
		await row.locator('.mark.warn', { hasText: 'within 90 days' }).waitFor();
	});

	await test('books that differ are found, and agree again', async () => {
		whole();
		realm('copy', 'SO.NIRA');
		realm('entered');
		realm('lose', 'SO.NIRA');
		await page.goto(`${origin}/reconciliation`);
		const row = page.locator('tbody tr', { has: page.locator('td[data-label="Differences"]') })
			.filter({ hasText: 'SO.NIRA' });
		await row.locator('td[data-label="Differences"]', { hasText: /^[1-9]/ }).waitFor();
		await row.locator('td[data-label="Mended"]', { hasText: /^[1-9]/ }).waitFor();
		await read('The books differ', 'books');
		await page.goto(`${origin}/reconciliation/party?party=SO.NIRA`);
		await act('Compare the books now', 'the spool was restored');
		await page.goto(`${origin}/reconciliation`);
		await row.locator('td[data-label="Differences"]', { hasText: /^0$/ }).waitFor();
		await row.locator('.mark.good', { hasText: 'equal' }).waitFor();
	});
};
