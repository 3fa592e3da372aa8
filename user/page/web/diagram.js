/* SPDX-License-Identifier: GPL-2.0 */
/* An incident as a sequence diagram: client left, server right, time downwards, not to scale. */

/*
 * Which end is the client: as the record says, else by the lesser port, which is taken for the
 * server's.
 */
function rolesOf(r) {
	if (r.sender_role)
		return { sender: r.sender_role, known: !r.sender_role_guess };
	if (r.victim_role)
		return { sender: r.victim_role === "client" ? "server" : "client", known: !r.victim_role_guess };
	return { sender: r.sport < r.dport ? "server" : "client", known: false };
}

function whoOf(r, side) {
	const comm = r[side + "_process"] || r[side + "_comm"];
	const pid = r[side + "_pid"];

	if (comm)
		return show(comm) + (pid !== undefined ? "[" + pid + "]" : "");
	if (r[side + "_owner"] === "kernel")
		return "kernel";
	return r[side + "_local"] === false || !r[side + "_owner"] ? "not seen" : "nobody known";
}

function callText(call, fd, rest) {
	return show(call || "a call not seen") + (fd !== undefined ? "(" + fd + ")" : "") + (rest || "");
}

/* What the RST answers, if the cause shows it. */
function answered(r) {
	if (r.victim_state === "SYN_SENT")
		return "SYN";
	if (/closed-port|syn|listener|accept-queue/.test(r.cause))
		return r.cause === "bad-syn-cookie" ? "ACK of the handshake" : "SYN";
	if (r.cause === "bad-handshake-ack")
		return "ACK of the handshake";
	return /^data-after/.test(r.cause) ? "data" : "a segment";
}

function other(side) {
	return side === "sender" ? "victim" : "sender";
}

/* What went before: the age of the connection and the bytes it carried. */
function stepsBefore(r) {
	const age = r.sender_age_us ?? r.victim_age_us;
	const there = r.sender_bytes_out ?? r.victim_bytes_in;
	const back = r.victim_bytes_out ?? r.sender_bytes_in;
	const steps = [];

	if (age > 0 && answered(r) !== "SYN")
		steps.push({ note: "connected " + duration(age) + " before" });
	if (back)
		steps.push({ arrow: "victim", text: bytes(back) });
	if (there)
		steps.push({ arrow: "sender", text: bytes(there) });
	for (const side of ["sender", "victim"])
		if (r[side + "_unread"] > 0)
			steps.push({ call: side, text: bytes(r[side + "_unread"]) + " unread", plain: true });
	return steps;
}

/* What made the sender send the RST. */
function stepsOfCause(r) {
	const steps = [];
	const exit = r.sender_exit ? (r.sender_exit === "exit" ? "process exits" : "killed by " + show(r.sender_exit)) : null;
	const call = r.sender_syscall ? callText(r.sender_syscall, r.sender_fd) : null;

	if (r.sender_closed_us !== undefined)
		steps.push({ call: "sender", text: call || "close or shutdown", when: -r.sender_closed_us });
	else if (call && r.kind === "active")
		steps.push({ call: "sender", text: call });
	if (exit)
		steps.push({ call: "sender", text: exit });
	if (r.killer_comm)
		steps.push({ call: "sender", text: "socket killed by " + show(r.killer_comm) });
	if (r.sender_idle_us > 1e6)
		steps.push({ note: "nothing for " + duration(r.sender_idle_us) });
	if (r.kind === "reply" && answered(r) === "SYN")
		steps.push({ arrow: "victim", text: "SYN", when: r.victim_age_us === undefined ? undefined : -r.victim_age_us });
	else if (r.kind === "reply")
		steps.push({ arrow: "victim", text: answered(r) });
	if (r.kind === "netfilter")
		steps.push({ arrow: "victim", text: answered(r), to: "middle" }, { call: "middle", text: "firewall", plain: true });
	return steps;
}

function stepOfReset(r, way) {
	if (r.kind === "timeout")
		return { note: "given up: no RST was sent", bad: true };
	return { arrow: "sender", rst: true, when: 0, from: r.kind === "netfilter" ? "middle" : undefined,
		lost: way === "not-received", unseen: r.kind === "received",
		text: "RST" + (r.rst_text ? " “" + show(r.rst_text) + "”" : "") };
}

const OUTCOMES = {
	unnoticed: "closed before any call saw it", pending: "no call has seen it yet", none: "no socket there to end",
	remote: "on another host: not seen",
};

function stepsAfter(r) {
	const steps = [];
	const fails = (e, side) => ({ call: side, text: callText(e.syscall, e.fd, " = " + show(e.errno ?? "error")),
		when: e.delay_us, bad: true, more: (e.sigpipe ? ["SIGPIPE " + (e.sigpipe_action || "raised")] : [])
			.concat(e.pid !== undefined && e.pid !== r[side + "_pid"] ? ["by " + show(e.comm || "?") + "[" + e.pid + "]"] : []) });

	for (const e of r.errors || [])
		steps.push(fails(e, e.side === "sender" ? "sender" : "victim"));
	if (r.eof_syscall || r.outcome === "eof")
		steps.push({ call: "victim", text: callText(r.eof_syscall, r.eof_fd, " = 0"), when: r.eof_delay_us, bad: true,
			more: ["taken for the end of the stream"] });
	if (!steps.some((s) => s.call === "victim") && OUTCOMES[r.outcome])
		steps.push({ call: "victim", text: OUTCOMES[r.outcome], plain: true });
	return steps.sort((a, b) => (a.when ?? Infinity) - (b.when ?? Infinity));
}

/* ---- drawing ---- */

/* The part of a text that fits into so many pixels. */
function cut(text, width, per = 7.4) {
	const most = Math.max(4, Math.floor(width / per));

	return text.length > most ? text.slice(0, most - 1) + "…" : text;
}

function drawText(x, y, text, cls, anchor = "middle") {
	return svg("text", { x, y, class: cls, "text-anchor": anchor }, text);
}

function drawArrow(g, y, s) {
	const from = s.from === "middle" ? g.mid : g.x[s.arrow];
	const to = s.to === "middle" ? g.mid : g.x[other(s.arrow)];
	const end = s.lost ? from + (to - from) * 0.55 : to;
	const d = Math.sign(to - from), kind = s.rst ? " rst" : "", head = s.rst ? "rsthead" : "head";
	const tip = end - d * 2;

	return [
		drawText((from + end) / 2, y - 6, cut(s.text, Math.abs(end - from) - 20), s.rst ? "rsttext" : "dimt"),
		svg("line", { x1: from, y1: y, x2: tip - d * 8, y2: y, class: "arrow" + kind + (s.unseen ? " unseen" : "") }),
		s.lost ? drawText(end + d * 8, y + 5, "✕ never received", "rsttext", d > 0 ? "start" : "end") :
			svg("path", { d: `M${tip} ${y}l${-d * 10} -5v10z`, class: head }),
	];
}

/* A call and its error stand one below the other if there is no room side by side. */
function callLines(g, s) {
	const said = cut(s.text, g.box - 10) === s.text ? [s.text] : s.text.split(/ (?== )/);

	return said.concat(s.more || []);
}

function drawCall(g, y, s) {
	const x = s.call === "middle" ? g.mid : g.x[s.call], w = s.call === "middle" ? g.box / 2 : g.box, lines = callLines(g, s), h = 10 + 16 * lines.length;

	return [
		s.plain ? svg("rect", { x: x - w / 2, y, width: w, height: h, rx: 4, class: "box" }) :
			svg("rect", { x: x - w / 2, y, width: w, height: h, rx: 4, class: s.bad ? "callbad" : "call" }),
		...lines.map((line, i) => drawText(x, y + 18 + 16 * i, cut(line, w - 10), s.plain || i ? "dimt" : "")),
	];
}

/* The times stand outside the two lifelines. */
function drawWhen(g, y, s) {
	const x = s.from === "middle" ? g.mid : g.x[s.call || s.arrow];
	const left = x < g.mid;
	const text = s.when === 0 ? "0" : (s.when > 0 ? "+" : "") + duration(s.when);
	const out = s.call ? g.box / 2 + 6 : 8;

	return drawText(x + (left ? -out : out), y + 4, text, "dimt", left ? "end" : "start");
}

function drawStep(g, s) {
	const parts = [];

	if (s.arrow) {
		g.y += 26;
		parts.push(...drawArrow(g, g.y, s));
		if (s.when !== undefined)
			parts.push(drawWhen(g, g.y, s));
		g.y += 10;
	} else if (s.call) {
		g.y += 6;
		parts.push(...drawCall(g, g.y, s));
		if (s.when !== undefined && !g.narrow)
			parts.push(drawWhen(g, g.y + 13, s));
		else if (s.when !== undefined)
			parts.push(drawText(g.mid + (g.x[s.call] < g.mid ? 14 : -14), g.y + 17,
				(s.when > 0 ? "+" : "") + duration(s.when), "dimt", g.x[s.call] < g.mid ? "start" : "end"));
		g.y += 14 + 16 * callLines(g, s).length;
	} else {
		g.y += 18;
		parts.push(drawText(g.mid, g.y, s.note, s.bad ? "rsttext" : "dimt"));
		g.y += 8;
	}
	return parts;
}

function drawEnd(g, r, side, role, host) {
	const x = g.x[side], w = g.box, where = endpoint(r[side === "sender" ? "saddr" : "daddr"] || "?", r[side === "sender" ? "sport" : "dport"]);
	const unit = r[side + "_unit"] || (r[side + "_container"] || "").slice(0, 12);

	return [
		drawText(x, 14, role, "role"),
		svg("rect", { x: x - w / 2, y: 20, width: w, height: unit || host ? 56 : 40, rx: 5, class: "box" }),
		drawText(x, 37, cut(whoOf(r, side), w - 8), "who"), drawText(x, 53, cut(where, w - 8, 7), "dimt"),
		unit || host ? drawText(x, 69, cut(show([unit, host].filter(Boolean).join(" · ")), w - 8, 6.6), "dimt") : null,
	];
}

function drawStory(r, way, width) {
	const roles = rolesOf(r);
	const narrow = width < 560;
	const box = Math.min(narrow ? width * 0.46 : 230, 260), margin = narrow ? box / 2 + 1 : box / 2 + 64;
	const left = roles.sender === "client" ? "sender" : "victim";
	const g = { x: { [left]: margin, [other(left)]: width - margin }, mid: width / 2, y: 84, box, narrow };
	const note = roles.known ? "" : narrow ? "?" : r.sender_role || r.victim_role ? ", likely" : ", by its port";
	const role = (side) => (side === "sender" ? roles.sender : roles.sender === "client" ? "server" : "client") + note;
	const steps = [...stepsBefore(r), ...stepsOfCause(r), stepOfReset(r, way), ...stepsAfter(r)];
	const drawn = steps.flatMap((s) => drawStep(g, s));
	const lives = ["sender", "victim"].map((side) => svg("line", { x1: g.x[side], x2: g.x[side], y1: 40, y2: g.y + 8,
		class: "life" + (r[side + "_owner"] || r[side + "_pid"] !== undefined ? "" : " unseen") }));
	const ends = ["sender", "victim"].flatMap((side) => drawEnd(g, r, side, role(side),
		r.victim_host && r.victim_host !== r.host ? (side === "sender" ? r.host : r.victim_host) : ""));

	return svg("svg", { class: "story", viewBox: `0 0 ${width} ${g.y + 14}`, role: "img",
		"aria-label": "what happened, from top to bottom" }, lives, ends, drawn);
}
