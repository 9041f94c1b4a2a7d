// SPDX-License-Identifier: EUPL-1.2
//
// Brings up to date what stands on the page, by the parts that the server sends; the page is whole
// without. One stream a visible window. Ages move on here; local times stand beside UTC.
'use strict';
(() => {
	const main = document.getElementById('main');
	const live = document.getElementById('live');
	if (!live) return;
	const said = live.dataset;
	const words = document.getElementById('live-words');
	const fresh = document.getElementById('fresh');
	const pause = document.getElementById('pause');
	const ends = document.querySelector('#ends time');
	const lang = document.documentElement.lang;
	const late = 20000;
	let source = null;
	let heard = 0;
	let paused = false;
	let over = false;
	let seen = main.dataset.seen;

	const say = (text, state) => {
		if (words.textContent !== text) words.textContent = text;
		live.className = `live ${state}`;
	};

	// ---- times ----
	// In the page's own words, one for each kind of plural, with a 0 where the number goes.
	const kinds = ['zero', 'one', 'two', 'few', 'many', 'other'];
	const plural = new Intl.PluralRules(lang);
	const unit = (n, words) => words.split('|')[kinds.indexOf(plural.select(Math.floor(n)))].replace('0', Math.floor(n));
	const span = (ms) => {
		const s = Math.max(0, ms) / 1000;
		if (s < 120) return unit(s, said.sec);
		if (s < 7200) return unit(s / 60, said.min);
		if (s < 172800) return unit(s / 3600, said.hr);
		return unit(s / 86400, said.day);
	};
	const clock = new Intl.DateTimeFormat(lang === 'ar' ? 'ar-u-nu-latn-ca-gregory' : lang,
		{ dateStyle: 'medium', timeStyle: 'medium' });
	const age = () => {
		const now = Date.now();
		for (const t of document.querySelectorAll('time.age')) {
			const text = span(now - Date.parse(t.dateTime));
			if (t.textContent !== text) t.textContent = text;
		}
		for (const t of document.querySelectorAll('time.left')) {
			const left = Date.parse(t.dateTime) - now;
			const text = `${left < 0 ? said.overdue : said.in} ${span(Math.abs(left))}`;
			if (t.textContent !== text) t.textContent = text;
		}
	};
	const local = (within) => {
		for (const t of within.querySelectorAll('time[datetime]:not([title])')) {
			const at = new Date(t.dateTime);
			if (!Number.isNaN(at.getTime())) t.title = clock.format(at);
		}
	};

	// ---- parts ----
	const element = (html) => {
		const t = document.createElement('template');
		t.innerHTML = html;
		return t.content.firstElementChild;
	};
	const put = (id, made, into) => {
		const old = document.getElementById(id);
		const open = old && [...old.querySelectorAll('details')].map((d) => d.open);
		if (old && old.contains(document.activeElement)) {
			// Whoever reads or types there is not disturbed by an equal part.
			const place = [...old.querySelectorAll('a, button, input, select, summary, [tabindex]')].indexOf(document.activeElement);
			old.replaceWith(made);
			made.querySelectorAll('a, button, input, select, summary, [tabindex]')[place]?.focus();
		} else if (old) old.replaceWith(made);
		else if (into) document.getElementById(into)?.prepend(made);
		open?.forEach((is, i) => { const d = made.querySelectorAll('details')[i]; if (d) d.open = is; });
		made.classList.add('new');
		local(made);
	};
	const on = (name, act) => source.addEventListener(name, (e) => {
		heard = Date.now();
		if (e.lastEventId) seen = e.lastEventId;
		if (name === 'away') say(said.away, 'late');
		else say(said.live, 'on');
		act?.(e.data);
	});

	const stop = () => {
		if (source) source.close();
		source = null;
	};
	// The page as it is now, in place of this one; what came of the last act is said once only, and stays.
	// Not under the hands of somebody who writes: it is said again.
	const anew = async () => {
		const at = document.activeElement;
		if (at?.matches('input, textarea') && at.value !== at.defaultValue) return;
		stop();
		const answer = await fetch(location.href).catch(() => null);
		const page = answer && new DOMParser().parseFromString(await answer.text(), 'text/html');
		const next = page?.getElementById('main');
		if (!next?.dataset.seen) {
			location.reload();
			return;
		}
		const flash = main.querySelector('.flash');
		main.replaceChildren(...next.childNodes);
		if (flash) main.querySelector('h1').before(flash);
		document.title = page.title;
		seen = next.dataset.seen;
		local(main);
		start();
	};
	const start = () => {
		if (source || paused || over || !seen) return;
		heard = Date.now();
		source = new EventSource(`/events?at=${encodeURIComponent(location.pathname + location.search)}&seen=${seen}`);
		on('part', (html) => { const made = element(html); put(made.id, made, null); });
		on('row', (data) => {
			const cut = data.indexOf('\n');
			const made = element(data.slice(cut + 1));
			put(made.id, made, data.slice(0, cut));
		});
		on('gone', (id) => document.getElementById(id)?.remove());
		on('anew', anew);
		on('away');
		on('beat', (data) => {
			const [now, end] = data.split(' ');
			const t = fresh.querySelector('time');
			t.dateTime = now;
			t.textContent = `${now.slice(0, 10)} ${now.slice(11, 19)} UTC`;
			t.title = clock.format(new Date(now));
			if (ends) ends.dateTime = end;
		});
		on('ended', () => {
			over = true;
			stop();
			say(said.ended, 'late');
		});
		source.onerror = () => {
			if (over) return;
			say(said.lost, 'late');
			// A refusal closes it for good; it is tried again, slowly.
			if (source && source.readyState === EventSource.CLOSED) {
				stop();
				setTimeout(start, 5000);
			}
		};
	};

	pause.hidden = !seen;
	pause.addEventListener('click', () => {
		paused = !paused;
		pause.textContent = paused ? said.go : said.pause;
		if (paused) {
			stop();
			say(said.paused, 'rest');
		} else start();
	});
	document.addEventListener('visibilitychange', () => (document.hidden ? stop() : start()));
	setInterval(() => {
		age();
		if (source && Date.now() - heard > late)
			say(`${said.stale} ${span(Date.now() - heard)}`, 'late');
	}, 5000);

	// ---- somebody is there ----
	let woke = Date.now();
	const awake = () => {
		if (over || Date.now() - woke < 120000) return;
		woke = Date.now();
		fetch('/awake', { method: 'POST', body: new URLSearchParams({ a: '1' }), redirect: 'manual' }).catch(() => {});
	};
	for (const what of ['keydown', 'pointerdown', 'scroll'])
		addEventListener(what, awake, { passive: true });

	addEventListener('keydown', (e) => {
		if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey) return;
		if (e.target.matches('input, select, textarea, [contenteditable]')) return;
		e.preventDefault();
		document.getElementById('find').focus();
	});
	// On a phone the screens stand in a row that is longer than the window.
	document.querySelector('.screens [aria-current]')?.scrollIntoView({ inline: 'center', block: 'nearest' });
	local(document);
	start();
})();
