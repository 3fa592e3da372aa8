/* SPDX-License-Identifier: GPL-2.0 */
/* The timeline as a chart, if the library is there: stacked bars, in which a span can be chosen. */

const chart = document.getElementById("chart");
let plot = null;

function colours() {
	const style = getComputedStyle(document.documentElement);
	const of = (v) => style.getPropertyValue(v).trim();

	return { series: Array.from({ length: 9 }, (_, s) => of("--c" + s)), dim: of("--dim"), line: of("--line") };
}

/* Adds to each series those below it. The highest is drawn first, the others over it. */
function stacked() {
	const n = meta.series[0].length;
	const times = Array.from({ length: n }, (_, b) => (meta.first_us + (b + 0.5) * meta.step_us) / 1e6);
	const sums = new Array(n).fill(0);
	const tops = meta.series.map((counts) => counts.map((c, b) => (sums[b] += c)));

	return [times, ...tops.reverse()];
}

function causeOf(s) {
	return s === 8 ? "others" : meta.causes[s] && meta.causes[s][0];
}

/* Labels of the axis: days, or the day once and then times. */
function axisTimes(u, splits, axis, space, step) {
	let day = "";

	return splits.map((s) => {
		const when = stamp(s * 1e6);
		const time = step < 1 ? when.time : when.time.slice(0, step < 60 ? 8 : 5);
		const text = step >= 86400 ? when.day : when.day === day ? time : time + "\n" + when.day;

		day = when.day;
		return text;
	});
}

const tip = el("div", { id: "tip", hidden: true });

function showTip(u) {
	const b = u.cursor.idx;

	if (b === null || b === undefined || u.cursor.left < 0) {
		tip.hidden = true;
		return;
	}
	const lines = meta.series.map((counts, s) => [counts[b], s]).filter(([n]) => n)
		.map(([n, s]) => el("div", {}, el("span", { class: "key c" + s }), count(n) + " " + show(causeOf(s))));

	tip.hidden = !lines.length;
	tip.replaceChildren(el("div", { class: "dim" }, stamp(meta.first_us + b * meta.step_us).all), ...lines);
	tip.style.top = "10px";
	tip.style.left = u.cursor.left > u.over.clientWidth / 2 ? "" : u.cursor.left + 70 + "px";
	tip.style.right = u.cursor.left > u.over.clientWidth / 2 ? u.over.clientWidth - u.cursor.left + 20 + "px" : "";
}

function chosenSpan(u) {
	if (u.select.width < 3)
		return;
	setSpan(u.posToVal(u.select.left, "x") * 1e6, u.posToVal(u.select.left + u.select.width, "x") * 1e6);
}

function drawChart() {
	const c = colours();
	const n = meta.series[0].length;
	const bars = uPlot.paths.bars({ size: [0.92, 40], align: 0 });
	const end = (meta.first_us + n * meta.step_us) / 1e6;
	const axis = { stroke: c.dim, grid: { stroke: c.line, width: 1 }, ticks: { stroke: c.line, width: 1 } };

	if (plot)
		plot.destroy();
	chart.replaceChildren(tip);
	plot = new uPlot({
		width: chart.clientWidth, height: 190, tzDate: (s) => uPlot.tzDate(new Date(s * 1e3), "Etc/UTC"),
		legend: { show: false }, cursor: { drag: { x: true, y: false, setScale: false }, points: { show: false }, y: false },
		scales: { x: { range: [meta.first_us / 1e6, end] }, y: { range: (u, lo, hi) => [0, Math.max(1, hi * 1.08)] } },
		axes: [{ ...axis, values: axisTimes, space: meta.step_us < 1e6 ? 110 : 84 }, { ...axis, size: 56, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6],
			values: (u, v) => v.map((x) => count(x)) }],
		series: [{}, ...c.series.map((_, i) => ({ fill: c.series[8 - i], width: 0, paths: bars, points: { show: false } }))],
		hooks: { setCursor: [showTip], setSelect: [chosenSpan] },
	}, stacked(), chart);
}

function makeLegend() {
	const legend = document.getElementById("legend");

	meta.series.forEach((counts, s) => {
		if (counts.some((n) => n))
			legend.append(el("span", {}, el("span", { class: "key c" + s }), show(causeOf(s))));
	});
}

function makeChart() {
	if (!chart)
		return;
	makeLegend();
	if (typeof uPlot === "undefined")
		return;
	drawChart();
	new ResizeObserver(() => {
		if (plot && plot.width !== chart.clientWidth)
			plot.setSize({ width: chart.clientWidth, height: 190 });
	}).observe(chart);
	document.getElementById("theme").addEventListener("change", drawChart);
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawChart);
}
