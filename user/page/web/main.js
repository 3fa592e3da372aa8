/* SPDX-License-Identifier: GPL-2.0 */
/* What is above the table, and what connects all parts. */

const live = document.getElementById("live");
const chips = el("div", { id: "chips" });
const number = el("span", { id: "count", role: "status" });
const search = el("input", { type: "search", id: "search", placeholder: "search: words, or /an expression/", "aria-label": "search",
	spellcheck: "false" });
const causeBox = el("select", { id: "cause", "aria-label": "cause" });
const outcomeBox = el("select", { id: "outcome", "aria-label": "outcome" });

function chip(text, remove) {
	return el("button", { title: "take away", click: remove }, show(text) + " ✕");
}

function drawTools() {
	const parts = [...filter.terms].filter(([key]) => key !== "cause" && key !== "outcome")
		.map(([key, value]) => chip(key + ": " + (value || "?"), () => setTerm(key, null)));

	if (filter.to < Infinity)
		parts.push(chip(stamp(filter.from).time + " to " + stamp(filter.to).time, () => setSpan(-Infinity, Infinity)));
	chips.replaceChildren(...parts);
	causeBox.value = filter.terms.get("cause") ?? "";
	outcomeBox.value = filter.terms.get("outcome") ?? "";
	number.textContent = shown.length === rows ? count(rows) + (rows === 1 ? " reset" : " resets") : count(shown.length) + " of " + count(rows);
}

function changed() {
	const fine = applyFilter();

	search.setAttribute("aria-invalid", String(!fine));
	if (!fine)
		return;
	drawTools();
	redrawRows();
}

/* null removes the term. */
function setTerm(key, value) {
	if (value === null)
		filter.terms.delete(key);
	else
		filter.terms.set(key, value);
	changed();
}

function setSpan(from, to) {
	filter.from = from;
	filter.to = to;
	changed();
}

function option(value, text) {
	return el("option", { value }, show(text));
}

function makeTools() {
	const outcomes = [...new Set(table.outcome)].filter(Boolean).sort();

	causeBox.append(option("", "any cause"), ...meta.causes.map(([code]) => option(code, code)));
	outcomeBox.append(option("", "any outcome"), option("broke a call", "broke a call"), ...outcomes.map((o) => option(o, o)));
	causeBox.addEventListener("change", () => setTerm("cause", causeBox.value || null));
	outcomeBox.addEventListener("change", () => setTerm("outcome", outcomeBox.value || null));
	search.addEventListener("input", () => {
		filter.text = search.value;
		changed();
	});
	document.addEventListener("keydown", (e) => {
		if (e.key === "/" && !dialog.open && document.activeElement !== search) {
			e.preventDefault();
			search.focus();
		}
	});
	return el("div", { id: "tools" }, search, causeBox, outcomeBox,
		el("button", { id: "clear", click: () => {
			filter.terms.clear();
			filter.text = search.value = "";
			setSpan(-Infinity, Infinity);
		} }, "show all"), number);
}

/* Clicking a cause, a cell or a process shows its resets. */
function makePickable() {
	const keys = Object.keys(TERMS);
	const cells = document.querySelectorAll(keys.map((key) => "main [data-" + key + "]").join(","));
	const choose = (cell) => {
		for (const key of keys)
			if (key in cell.dataset)
				filter.terms.set(key, cell.dataset[key]);
			else
				filter.terms.delete(key);
		changed();
		live.scrollIntoView({ block: "start" });
	};

	for (const cell of cells) {
		cell.classList.add("pick");
		cell.tabIndex = 0;
		cell.addEventListener("click", () => choose(cell));
		cell.addEventListener("keydown", (e) => {
			if (e.key === "Enter")
				choose(cell);
		});
	}
}

async function start() {
	makeChart();
	if (!live)
		return;
	live.hidden = false;
	live.append(el("p", { class: "dim" }, "reading the rows…"));
	await loadTable((n) => {
		live.firstChild.textContent = "reading the rows: " + count(n) + " of " + count(meta.rows);
	});
	document.getElementById("first").hidden = true;
	live.replaceChildren(makeTools(), chips, makeList());
	makeDialog();
	makePickable();
	changed();
	openByAddress();
	document.documentElement.dataset.ready = "yes";
}

if (typeof DecompressionStream === "undefined")
	live?.before(el("p", { class: "dim" }, "This browser is too old for the table: these are the first rows."));
else
	start();
