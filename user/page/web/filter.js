/* SPDX-License-Identifier: GPL-2.0 */
/* Which rows are shown, and in which order. */

const filter = { terms: new Map(), text: "", from: -Infinity, to: Infinity };
const order = { key: "us", down: false };
let shown = new Uint32Array(0);

const is = (key) => (i, value) => (table[key][i] ?? "") === value;
const either = (a, b) => (i, value) => (table[a][i] ?? "") === value || (table[b][i] ?? "") === value;

/* For each key of a term, whether a row matches a value. */
const TERMS = {
	cause: is("cause"), situation: (i, value) => is("situation")(i, value === "(none)" ? "" : value), way: is("way"), sender: is("sender"), victim: is("victim"),
	process: (i, value) => either("sender", "victim")(i, value === "?" ? "" : value),
	unit: (i, value) => either("sender_unit", "victim_unit")(i, value === "?" ? "" : value),
	host: either("host", "victim_host"),
	port: (i, value) => String(Math.min(table.sport[i], table.dport[i])) === value,
	outcome: (i, value) => value === "broke a call" ? hurts(i) : table.outcome[i] === value,
};

/* Made at the first search. */
let haystack = null;

function makeHaystack() {
	const keys = ["cause", "situation", "sender", "victim", "sender_unit", "victim_unit", "host", "victim_host", "error", "outcome"];

	haystack = new Array(rows);
	for (let i = 0; i < rows; i++) {
		let text = endpoint(table.saddr[i], table.sport[i]) + " " + endpoint(table.daddr[i], table.dport[i]);

		for (const key of keys)
			if (table[key][i] !== null)
				text += "\n" + table[key][i];
		haystack[i] = (text + "\n" + (headlines.get(table.cause[i]) || "")).toLowerCase();
	}
}

/*
 * Searches for words that must all be there, or for /an expression/; null: that is not a valid
 * expression.
 */
function searcher(text) {
	const expression = /^\/(.*?)\/?$/.exec(text.trim());

	if (expression && expression[1]) {
		try {
			const re = new RegExp(expression[1], "i");
			return (i) => re.test(haystack[i]);
		} catch (e) {
			return null;
		}
	}
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	return (i) => words.every((w) => haystack[i].includes(w));
}

function sorted(indexes) {
	const column = order.key === "port" ? null : table[order.key];
	const value = column ? (i) => column[i] ?? "" : (i) => Math.min(table.sport[i], table.dport[i]);
	const sign = order.down ? -1 : 1;

	if (order.key === "us")
		return order.down ? indexes.reverse() : indexes;
	return indexes.sort((a, b) => {
		const x = value(a), y = value(b);

		return x < y ? -sign : x > y ? sign : a - b;
	});
}

/* Returns false if what was typed is not a valid expression. */
function applyFilter() {
	const terms = [...filter.terms].map(([key, value]) => [TERMS[key], value]);
	const kept = new Uint32Array(rows);
	let find = null, n = 0;

	if (filter.text.trim()) {
		if (!haystack)
			makeHaystack();
		find = searcher(filter.text);
		if (!find)
			return false;
	}
	for (let i = 0; i < rows; i++)
		if (table.us[i] >= filter.from && table.us[i] < filter.to &&
		    terms.every(([fits, value]) => fits(i, value)) && (!find || find(i)))
			kept[n++] = i;
	shown = sorted(kept.subarray(0, n));
	return true;
}
