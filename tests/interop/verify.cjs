// SPDX-License-Identifier: EUPL-1.2
//
// Verifies signatures with npm's xml-crypto: verify.cjs MODULES [CERTIFICATE DOCUMENT]... writes
// "accepted" or "refused" for each pair. xml-crypto brings RSA only; ECDSA is added as its
// documentation says, with node's own verify. KeyInfo is not asked for a key.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const installed = createRequire(path.resolve(process.argv[2], 'x.js'));
const { SignedXml } = installed('xml-crypto');
const { DOMParser } = installed('@xmldom/xmldom');

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';

function ecdsa(hash, name) {
	return class {
		getAlgorithmName() {
			return name;
		}
		verifySignature(material, key, value) {
			const raw = { key, dsaEncoding: 'ieee-p1363' };
			return crypto.verify(hash, Buffer.from(material), raw, Buffer.from(value, 'base64'));
		}
	};
}

function verify(certificate, file) {
	const text = fs.readFileSync(file, 'utf8');
	const document = new DOMParser().parseFromString(text, 'text/xml');
	const signatures = document.getElementsByTagNameNS(DSIG, 'Signature');
	if (signatures.length !== 1)
		return false;
	const signed = new SignedXml({
		publicCert: fs.readFileSync(certificate),
		getCertFromKeyInfo: () => null,
	});
	signed.SignatureAlgorithms = {
		...signed.SignatureAlgorithms,
		[MORE + 'ecdsa-sha256']: ecdsa('sha256', MORE + 'ecdsa-sha256'),
		[MORE + 'ecdsa-sha384']: ecdsa('sha384', MORE + 'ecdsa-sha384'),
	};
	signed.loadSignature(signatures[0]);
	return signed.checkSignature(text);
}

const pairs = process.argv.slice(3);
for (let i = 0; i + 1 < pairs.length; i += 2) {
	let good = false;
	try {
		good = verify(pairs[i], pairs[i + 1]);
	} catch (error) {
		console.error(`${pairs[i + 1]}: ${error.message}`);
	}
	console.log(good ? 'accepted' : 'refused');
}
