// SPDX-License-Identifier: EUPL-1.2
//
// Filters that somebody wants again: a name and the query of the page, kept by this browser only.
// Without scripts a bookmark does the same, because the address holds all of the filter.
'use strict';
(() => {
	const place = document.getElementById('saved');
	const key = 'daftar-filters';
	const most = 12;
	if (!place) return;

	const read = () => {
		try {
			const list = JSON.parse(localStorage.getItem(key) || '[]');
			return Array.isArray(list) ? list.filter((f) => typeof f.name === 'string' && typeof f.query === 'string') : [];
		} catch {
			return [];
		}
	};
	const write = (list) => {
		try {
			localStorage.setItem(key, JSON.stringify(list.slice(-most)));
		} catch {
			// A browser that keeps nothing: the bookmark is left.
		}
	};
	const made = (tag, text) => {
		const e = document.createElement(tag);
		e.textContent = text;
		return e;
	};
	const query = () => {
		const q = new URLSearchParams(location.search);
		for (const name of ['before', 'lang']) q.delete(name);
		for (const [name, value] of [...q]) if (value === '') q.delete(name);
		return q.toString();
	};

	const form = document.createElement('form');
	const name = document.createElement('input');
	const save = made('button', place.dataset.save);
	name.setAttribute('aria-label', place.dataset.name);
	name.placeholder = place.dataset.name;
	name.maxLength = 40;
	name.required = true;
	form.append(name, save);

	const show = () => {
		place.replaceChildren();
		for (const f of read()) {
			const group = document.createElement('span');
			const link = made('a', f.name);
			const drop = made('button', '\u00d7');
			link.dir = 'auto';
			link.href = '/messages?' + new URLSearchParams(f.query);
			drop.type = 'button';
			drop.setAttribute('aria-label', `${place.dataset.drop}: ${f.name}`);
			drop.addEventListener('click', () => {
				write(read().filter((g) => g.name !== f.name));
				show();
			});
			group.append(link, drop);
			place.append(group);
		}
		if (query() !== '') place.append(form);
		place.hidden = !place.childElementCount;
	};
	form.addEventListener('submit', (e) => {
		e.preventDefault();
		write([...read().filter((f) => f.name !== name.value), { name: name.value, query: query() }]);
		name.value = '';
		show();
	});
	show();
})();
