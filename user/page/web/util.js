/* SPDX-License-Identifier: GPL-2.0 */
/* Elements and words. Names from outside become text nodes, never markup. */

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
	for (const [key, value] of Object.entries(attributes || {})) {
		if (typeof value === "function")
			node.addEventListener(key, value);
		else if (value !== undefined && value !== false)
			node.setAttribute(key, value === true ? "" : value);
	}
	node.append(...children.flat().filter((c) => c !== undefined && c !== null && c !== false));
	return node;
}

function el(tag, attributes, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
	return fill(document.createElementNS(SVG, tag), attributes, children);
}

/*
 * Control characters, and characters that are invisible or change the direction of text: shown by
 * their number.
 */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

function show(text) {
	return String(text).replace(UNSEEN, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

/* A name within other text, in whatever direction its script runs. */
function nameOf(text) {
	return el("bdi", {}, show(text));
}

function count(n) {
	return n.toLocaleString("en");
}

function duration(us) {
	const sign = us < 0 ? "−" : "";
	const n = Math.abs(us);

	if (n < 1000)
		return sign + n + " µs";
	if (n < 1e6)
		return sign + (n / 1000).toFixed(n < 1e4 ? 1 : 0) + " ms";
	if (n < 6e7)
		return sign + (n / 1e6).toFixed(n < 1e7 ? 1 : 0) + " s";
	if (n < 3.6e9)
		return sign + Math.floor(n / 6e7) + " min " + Math.floor(n / 1e6) % 60 + " s";
	if (n < 8.64e10)
		return sign + Math.floor(n / 3.6e9) + " h " + Math.floor(n / 6e7) % 60 + " min";
	return sign + Math.floor(n / 8.64e10) + " d " + Math.floor(n / 3.6e9) % 24 + " h";
}

function bytes(n) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let u = 0;

	for (; n >= 1024 && u < units.length - 1; u++)
		n /= 1024;
	return (u ? n.toFixed(n < 10 ? 1 : 0) : n) + " " + units[u];
}

/* Microseconds since the epoch as "2026-11-27 10:00:00.118 UTC", or only the day or the time of day. */
function stamp(us) {
	const iso = new Date(us / 1000).toISOString();

	return { day: iso.slice(0, 10), time: iso.slice(11, 23), all: iso.slice(0, 10) + " " + iso.slice(11, 23) + " UTC" };
}

function endpoint(addr, port) {
	return (addr.includes(":") ? "[" + addr + "]" : addr) + ":" + port;
}
