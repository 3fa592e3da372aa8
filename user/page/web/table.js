/* SPDX-License-Identifier: GPL-2.0 */
/* The table. Only rows in sight are elements of the page. */

const ROW_HEIGHT = 31;
const SPARE = 12;	/* rows above and below those in sight */
const COLUMNS = [
	["us", "time", "w-time", ""], ["cause", "cause", "w-cause", ""], ["sender", "sender", "", ""],
	["victim", "victim", "", ""], ["port", "from → to", "w-flow", "flow"], ["outcome", "outcome", "w-out", "out"],
];

const above = el("td", { colspan: COLUMNS.length });
const below = el("td", { colspan: COLUMNS.length });
const aboveRow = el("tr", { class: "pad", "aria-hidden": "true" }, above);
const belowRow = el("tr", { class: "pad", "aria-hidden": "true" }, below);
const body = el("tbody", {}, aboveRow, belowRow);
const list = el("div", { id: "list", tabindex: "0", role: "region", "aria-label": "resets one by one" });
let severalDays = false;
let firstShown = -1, lastShown = -1;

function processOf(i, side) {
	const who = table[side][i];

	if (who)
		return nameOf(who);
	return el("span", { class: "dim" }, show(table[side === "sender" ? "saddr" : "daddr"][i]));
}

function outcomeOf(i) {
	const text = table.error[i] || table.outcome[i] || "";

	return hurts(i) ? el("span", { class: "hurt" }, show(text)) : el("span", { class: "dim" }, show(text));
}

function rowOf(at) {
	const i = shown[at];
	const when = stamp(table.us[i]);
	const headline = headlines.get(table.cause[i]) || table.cause[i];

	return el("tr", { class: "pick", "data-at": at },
		el("td", { title: when.all }, severalDays ? when.day.slice(5) + " " + when.time.slice(0, 8) : when.time),
		el("td", { title: show(headline) }, el("span", { class: "key c" + seriesOf(table.cause[i]) }), show(table.cause[i])),
		el("td", {}, processOf(i, "sender")), el("td", {}, processOf(i, "victim")),
		el("td", { class: "flow" }, show(endpoint(table.saddr[i], table.sport[i]) + " → " + endpoint(table.daddr[i], table.dport[i]))),
		el("td", { class: "out" }, outcomeOf(i)));
}

function seriesOf(cause) {
	const at = meta.causes.findIndex((c) => c[0] === cause);

	return at < 0 || at > 7 ? 8 : at;
}

function drawRows() {
	const first = Math.max(0, Math.floor(list.scrollTop / ROW_HEIGHT) - SPARE);
	const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW_HEIGHT) + SPARE);
	const drawn = [];

	if (first === firstShown && last === lastShown)
		return;
	[firstShown, lastShown] = [first, last];
	for (let at = first; at < last; at++)
		drawn.push(rowOf(at));
	above.style.height = first * ROW_HEIGHT + "px";
	below.style.height = (shown.length - last) * ROW_HEIGHT + "px";
	if (!shown.length)
		drawn.push(el("tr", {}, el("td", { class: "none", colspan: COLUMNS.length }, "No reset is like that.")));
	body.replaceChildren(aboveRow, ...drawn, belowRow);
}

function redrawRows() {
	firstShown = -1;
	list.scrollTop = 0;
	drawRows();
}

function sortBy(key) {
	order.down = order.key === key && !order.down;
	order.key = key;
	for (const th of list.querySelectorAll("th"))
		th.removeAttribute("aria-sort");
	list.querySelector('th[data-key="' + key + '"]').setAttribute("aria-sort", order.down ? "descending" : "ascending");
	changed();
}

function makeList() {
	severalDays = rows && stamp(table.us[0]).day !== stamp(table.us[rows - 1]).day;
	const heads = COLUMNS.map(([key, title, , cls]) => el("th", { "data-key": key, class: cls, scope: "col", tabindex: "0",
		"aria-sort": key === order.key ? "ascending" : undefined, click: () => sortBy(key),
		keydown: (e) => { if (e.key === "Enter") sortBy(key); } }, title));

	list.append(el("table", {}, el("colgroup", {}, COLUMNS.map(([, , width]) => el("col", { class: width }))),
		el("thead", {}, el("tr", {}, heads)), body));
	list.addEventListener("scroll", drawRows, { passive: true });
	list.addEventListener("click", (e) => {
		const row = e.target.closest("tr[data-at]");

		if (row)
			openIncident(Number(row.dataset.at));
	});
	list.addEventListener("keydown", (e) => {
		if (e.key === "Enter" && e.target === list && shown.length)
			openIncident(Math.min(shown.length - 1, Math.ceil(list.scrollTop / ROW_HEIGHT)));
	});
	new ResizeObserver(drawRows).observe(list);
	return list;
}
