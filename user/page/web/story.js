/* SPDX-License-Identifier: GPL-2.0 */
/* One incident in full: words, diagram, and every key of its records. */

const dialog = el("dialog", { id: "story", "aria-label": "one reset" });
const place = el("span", { class: "dim" });
const story = el("div", {});
let openAt = -1;

/* Keys that the dialog shows elsewhere. */
const SAID = new Set(["schema", "time", "time_ns", "cause", "cause_text", "advice", "situation_text", "errors"]);

function valueText(key, value) {
	if (typeof value === "boolean")
		return value ? "yes" : "no";
	if (typeof value !== "number")
		return show(value);
	if (/_us$/.test(key))
		return duration(value);
	return /(_bytes_in|_bytes_out|_unread|_unsent)$/.test(key) ? bytes(value) : String(value);
}

function factTable(title, r, prefix, keys) {
	const cells = keys.map((key) => el("tr", {}, el("td", {}, key.slice(prefix.length).replace(/_us$/, "").replaceAll("_", " ")),
		el("td", {}, nameOf(valueText(key, r[key])))));

	return cells.length ? el("div", {}, el("h3", {}, title), el("table", {}, el("tbody", {}, cells))) : null;
}

function facts(r) {
	const keys = Object.keys(r).filter((key) => !SAID.has(key));
	const of = (prefix) => keys.filter((key) => key.startsWith(prefix));
	const rest = keys.filter((key) => !/^(sender|victim|error|eof)_/.test(key));

	return el("div", { class: "facts" }, factTable("sender", r, "sender_", of("sender_")),
		factTable("victim", r, "victim_", of("victim_")),
		factTable("first failing call", r, "error_", of("error_")),
		factTable("end of file", r, "eof_", of("eof_")), factTable("the reset", r, "", rest));
}

function words(r, i) {
	const headline = headlines.get(r.cause) || r.cause || table.cause[i];
	const sure = r.confidence && r.confidence !== "certain" ? " (" + r.confidence + ")" : "";

	return [
		el("h2", {}, show(headline) + sure),
		el("p", { class: "dim" }, el("span", { class: "code" }, show(table.cause[i]) + (table.situation[i] ? ", " + show(table.situation[i]) : "")), " · " + stamp(table.us[i]).all +
			" · " + (hurts(i) ? "broke a call" : show(table.outcome[i] || "outcome not known"))),
		r.cause_text && r.cause_text !== headline && el("p", {}, nameOf(r.cause_text)),
		r.situation_text && el("p", {}, nameOf(r.situation_text)),
		r.advice && el("p", { class: "advise" }, nameOf(r.advice)),
	];
}

async function drawIncident() {
	const i = shown[openAt];
	const r = await recordOf(i);

	place.textContent = count(openAt + 1) + " of " + count(shown.length);
	if (!r.cause)
		story.replaceChildren(...words(r, i).filter(Boolean), el("p", {}, "Its record is not in this page."));
	else
		story.replaceChildren(...words(r, i).filter(Boolean), drawStory(r, table.way[i], Math.max(320, story.clientWidth - 40)), facts(r));
	dialog.scrollTop = 0;
	history.replaceState(null, "", "#reset-" + i);
}

function step(by) {
	const to = openAt + by;

	if (to < 0 || to >= shown.length)
		return;
	openAt = to;
	drawIncident();
}

async function openIncident(at) {
	openAt = at;
	if (!dialog.open)
		dialog.showModal();
	await drawIncident();
}

function makeDialog() {
	dialog.append(el("div", { class: "bartop" }, place,
		el("button", { click: () => step(-1), "aria-label": "the one before" }, "← previous"),
		el("button", { click: () => step(1), "aria-label": "the one after" }, "next →"),
		el("button", { id: "close", click: () => dialog.close() }, "close")), story);
	dialog.addEventListener("keydown", (e) => {
		if (e.key === "ArrowLeft" || e.key === "ArrowRight")
			step(e.key === "ArrowLeft" ? -1 : 1);
	});
	dialog.addEventListener("click", (e) => {
		if (e.target === dialog)
			dialog.close();
	});
	dialog.addEventListener("close", () => history.replaceState(null, "", "#incidents"));
	document.body.append(dialog);
}

/* Opens the row that the page's address names, if it names one. */
function openByAddress() {
	const row = /^#reset-(\d+)$/.exec(location.hash);
	const at = row ? shown.indexOf(Number(row[1])) : -1;

	if (at >= 0)
		openIncident(at);
}
