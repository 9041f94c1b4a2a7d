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
		await page.getByRole('link', { name: 'Try dead letters again' }).click();
		await page.locator('.dry', { hasText: '1 message would be touched.' }).waitFor();
		await read(/Set aside/, 'aside');
		holds(!(await page.locator('#live').isVisible()), 'a runbook is not live, and does not say that it is lost');
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

	await test('a certificate that ends soon is found, and its registry works with a new one', async () => {
		whole();
		realm('ending', 'KE.CRS');
		realm('case'); // the office has heard of them
		await page.goto(`${origin}/`);
		await page.locator('#a-expiring li', { hasText: /a certificate expires: KE/ }).first().waitFor();
		await page.locator('#a-expiring p', { hasText: 'First certificate' }).locator('time.left', { hasText: /\b[45] days/ }).waitFor();
		await page.locator('nav.screens').getByRole('link', { name: 'Certificates' }).click();
		const row = page.locator('#certificates tbody tr', { hasText: 'KE.CRS' }).filter({ hasText: 'signing certificate' });
		const ending = row.filter({ has: page.locator('.mark.bad', { hasText: 'within 7 days' }) });
		await ending.waitFor();
		await page.locator('nav.screens').getByRole('link', { name: 'Alerts' }).click();
		const alert = page.locator('#alerts tbody tr', { hasText: 'KE.CRS sign' });
		await alert.locator('.mark.bad', { hasText: 'critical' }).waitFor();
		await read('A certificate ends soon', 'certificate');
		holds((await page.locator('.runbook-text').innerText()).includes('daftar-pki renew'), 'what to type');
		realm('renew', 'KE.CRS');
		await page.locator('nav.screens').getByRole('link', { name: 'Certificates' }).click();
		await row.first().waitFor();
		await ending.waitFor({ state: 'detached' });
		await page.goto(`${origin}/alerts`);
		await alert.locator('.mark.bad', { hasText: 'critical' }).waitFor({ state: 'detached' });
		await ends(realm('case'), 'Committed');
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

	await test('a silence that is longer than usual is an alert, is found and ends', async () => {
		whole();
		// Its clock goes ahead: the broker thinks that more than a minute has passed.
		realm('clocked', 'alert-silence-minutes = 1');
		// The exchange is there again; the dashboard finds that out in its own time.
		const until = Date.now() + t.bound;
		do await page.goto(`${origin}/party?code=KE.CRS`);
		while (await page.locator('#party-facts').count() === 0 && Date.now() < until);
		await page.locator('#party-facts .mark.good', { hasText: 'connected' }).waitFor();
		realm('silence', 'KE.CRS');
		const number = realm('file');
		realm('later', '200');
		await page.goto(`${origin}/`);
		await page.locator('#a-working li', { hasText: /nothing was heard from this party .*: KE\.CRS/ }).waitFor();
		await page.locator('nav.screens').getByRole('link', { name: 'Alerts' }).click();
		const alert = page.locator('#alerts tbody tr', { hasText: 'nothing was heard from this party' }).filter({ hasText: 'KE.CRS' });
		await alert.waitFor();
		await alert.locator('a.runbook').click();
		await page.waitForURL('**/help/silence');
		holds((await page.locator('.runbook-text').innerText()).includes('Mended when'), 'it says when it is mended');
		realm('speak', 'KE.CRS');
		await page.goto(`${origin}/alerts`);
		await page.locator('#alerts-answer').waitFor();
		await alert.waitFor({ state: 'detached' });
		await page.goto(`${origin}/`);
		await page.locator('#a-working li', { hasText: /nothing was heard from this party .*: KE\.CRS/ }).waitFor({ state: 'detached' });
		await ends(number, 'Committed');
	});
};
