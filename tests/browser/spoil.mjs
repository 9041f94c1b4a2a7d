// SPDX-License-Identifier: EUPL-1.2
//
// Stands between a dashboard and its exchange and spoils the answers: every text in them becomes what
// the file TEXT holds, for as long as it is there.
//
//	node spoil.mjs CONTROL-SOCKET OWN-SOCKET TEXT
import { createConnection, createServer } from 'node:net';
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [control, own, file] = process.argv.slice(2);

const text = () => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return null;
	}
};
const spoilt = (value, by) => {
	if (typeof value === 'string') return by;
	if (Array.isArray(value)) return value.map((one) => spoilt(one, by));
	if (value === null || typeof value !== 'object') return value;
	return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoilt(one, by)]));
};
const ascii = (line) => line.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

rmSync(own, { force: true });
createServer((dashboard) => {
	const exchange = createConnection(control);
	const end = () => {
		dashboard.destroy();
		exchange.destroy();
	};
	for (const side of [dashboard, exchange]) side.on('close', end).on('error', end);
	dashboard.pipe(exchange);
	createInterface({ input: exchange }).on('line', (line) => {
		const by = text();
		const answer = by === null ? null : JSON.parse(line);
		if (answer?.data) answer.data = spoilt(answer.data, by);
		dashboard.write(`${answer ? ascii(JSON.stringify(answer)) : line}\n`);
	});
}).listen(own);
