/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the rows from elements of the page: columns of values, deflated, in base64. */

const meta = JSON.parse(document.getElementById("meta").textContent);
const headlines = new Map(meta.causes);

async function unpack(element) {
	const text = atob(element.textContent);
	const packed = new Uint8Array(text.length);

	for (let i = 0; i < text.length; i++)
		packed[i] = text.charCodeAt(i);
	const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
	return JSON.parse(await new Response(stream).text());
}

/* A column of the table for each key; if no row has the key, it is all null. */
const KEYS = ["us", "cause", "situation", "host", "sender", "sender_unit", "saddr", "sport", "victim_host", "victim",
	"victim_unit", "daddr", "dport", "outcome", "way", "error", "at", "other"];
const table = Object.fromEntries(KEYS.map((key) => [key, []]));
let rows = 0;

/* Equal texts become one string, however many rows have them. */
const interned = new Map();

function intern(value) {
	if (typeof value !== "string")
		return value === undefined ? null : value;
	if (!interned.has(value))
		interned.set(value, value);
	return interned.get(value);
}

async function loadTable(progress) {
	for (const element of document.querySelectorAll("script.table")) {
		const block = await unpack(element);

		for (const key of KEYS) {
			const from = block.c[key] || [];
			const to = table[key];

			for (let i = 0; i < block.n; i++)
				to.push(intern(from[i]));
		}
		rows += block.n;
		element.remove();
		progress(rows);
	}
	interned.clear();
}

/* The block unpacked last is kept, as neighbouring rows are mostly read one after the other. */
const packedDetails = document.querySelectorAll("script.details");
let unpacked = { number: -1, block: null };

async function recordAt(at) {
	const number = Math.floor(at / meta.block);
	const record = {};

	if (unpacked.number !== number)
		unpacked = { number, block: await unpack(packedDetails[number]) };
	for (const [key, column] of Object.entries(unpacked.block.c)) {
		const value = column[at % meta.block];

		if (value !== undefined && value !== null)
			record[key] = value;
	}
	return record;
}

/* The details of a row; those of a pair's victim are from the other record. */
async function recordOf(i) {
	const sent = table.at[i] === null ? {} : await recordAt(table.at[i]);

	if (table.other[i] === null)
		return sent;
	const received = await recordAt(table.other[i]);

	for (const [key, value] of Object.entries(received))
		if (/^(victim|error|eof|flow)_|^(errors|outcome|rst_ttl|rst_ip_id)$/.test(key) || !(key in sent))
			sent[key] = value;
	sent.victim_host = received.host;
	return sent;
}

function hurts(i) {
	return table.outcome[i] === "error" || table.outcome[i] === "eof";
}
