#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes the dashboards for Grafana from the queries below.

    make.py            writes rsttrace-metrics.json and rsttrace-store.json anew
    make.py --check    prints what differs, and fails if anything does

In a query of Prometheus {I} stands for the chosen instances and [R] for the interval of a rate.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDS = "rsttrace_records_total"

# Title, form, unit, width of 24, and queries, each with what a line is called. Tables have what the time
# that is shown comes to.
METRICS = (
    ("Tracers", "stat", "none", 4, ("count(rsttrace_build_info{I})", "")),
    ("Tracers that do not answer", "stat", "none", 4, ('count(up{job="rsttrace"} == 0) or vector(0)', "")),
    ("Resets sent a second", "stat", "cps", 4, ("sum(rate(rsttrace_sent_resets_total{I}[R]))", "")),
    ("Broke a call, of all records", "stat", "percentunit", 4,
     (f'sum(increase({RECORDS}{{I, outcome=~"error|eof"}}[$__range])) / sum(increase({RECORDS}{{I}}[$__range]))', "")),
    ("Of known cause", "stat", "percentunit", 4,
     (f'sum(increase({RECORDS}{{I, cause!="unknown"}}[$__range])) / sum(increase({RECORDS}{{I}}[$__range]))', "")),
    ("Events lost", "stat", "none", 4, ("sum(increase(rsttrace_lost_events_total{I}[$__range]))", "")),
    ("Alerts", "table", "none", 24, ('ALERTS{alertname=~"Rsttrace.*|TcpResets.*", alertstate="firing"}', "")),
    ("Records by cause", "timeseries", "cps", 12, (f"sum by (cause) (rate({RECORDS}{{I}}[R]))", "{{cause}}")),
    ("Records by situation", "timeseries", "cps", 12,
     (f"sum by (situation) (rate({RECORDS}{{I}}[R]))", "{{situation}}")),
    ("Calls that failed", "timeseries", "cps", 12,
     ('sum by (errno, call) (rate(rsttrace_failed_calls_total{I, side="victim"}[R]))', "{{call}}: {{errno}}")),
    ("Records by direction and outcome", "timeseries", "cps", 12,
     (f"sum by (direction, outcome) (rate({RECORDS}{{I}}[R]))", "{{direction}}, {{outcome}}")),
    ("All resets, also those without a record", "timeseries", "cps", 12,
     ("sum by (class, event) (rate(rsttrace_seen_resets_total{I}[R]))", "{{event}}: {{class}}")),
    ("Resets without a record, by why", "timeseries", "cps", 12,
     ("sum by (why) (rate(rsttrace_unrecorded_resets_total{I}[R]))", "{{why}}")),
    ("What the kernel counted, and what rsttrace saw", "timeseries", "cps", 12,
     ("sum(rate(node_netstat_Tcp_OutRsts[R]))", "OutRsts, by node_exporter"),
     ('sum(rate(rsttrace_sent_resets_total{I, namespace="host"}[R]))', "rsttrace")),
    ("Resets sent, by OpenTelemetry's causes", "timeseries", "cps", 12,
     ("sum by (network_tcp_reset_cause) (rate(system_network_tcp_resets_total{I}[R]))", "{{network_tcp_reset_cause}}")),
    # these four want --metrics-by
    ("Processes", "table", "none", 6,
     ("topk(20, sum by (process, part) (increase(rsttrace_process_records_total{I}[$__range])))", "")),
    ("Units", "table", "none", 6,
     ("topk(20, sum by (unit, part) (increase(rsttrace_unit_records_total{I}[$__range])))", "")),
    ("Containers and pods", "table", "none", 6,
     ("topk(20, sum by (container, pod, part) (increase(rsttrace_container_records_total{I}[$__range])))", "")),
    ("Ports", "table", "none", 6,
     ("topk(20, sum by (port) (increase(rsttrace_port_records_total{I}[$__range])))", "")),
    ("Worst hosts", "table", "none", 8,
     (f'topk(20, sum by (instance) (increase({RECORDS}{{I, outcome=~"error|eof"}}[$__range])))', "")),
    ("Suppressed by rule", "table", "none", 8,
     ("sum by (rule) (increase(rsttrace_suppressed_records_total{I}[$__range]))", "")),
    ("Kernels and versions", "table", "none", 8, ("count by (kernel, version) (rsttrace_build_info{I})", "")),
    ("Outcomes that came after the record", "timeseries", "cps", 12,
     ("sum by (outcome) (rate(rsttrace_late_outcomes_total{I}[R]))", "{{outcome}}")),
    ("What is missing", "timeseries", "cps", 12,
     ("sum(rate(rsttrace_lost_events_total{I}[R]))", "events without room"),
     ("sum(rate(rsttrace_missed_runs_total{I}[R]))", "runs that the kernel refused"),
     ("sum(rate(rsttrace_unkept_owners_total{I}[R]))", "owners without room"),
     ("sum(rate(rsttrace_unmatched_errors_total{I}[R]))", "errors without a reset"),
     ("sum(rate(rsttrace_hidden_records_total{I}[R]))", "hidden by filters")),
    ("Ring buffer in use", "timeseries", "percentunit", 12,
     ("rsttrace_ring_used_bytes{I} / rsttrace_ring_size_bytes{I}", "{{instance}}")),
    # where kernel.bpf_stats_enabled is 1
    ("Processors' time in the programs", "timeseries", "percentunit", 12,
     ("sum by (program) (rate(rsttrace_program_seconds_total{I}[R]))", "{{program}}")),
)

TIME = "toDateTime(intDiv({0}, 1000000000)) AS {1}"
SHOWN = "hour >= toDateTime(intDiv(${__from}, 1000)) AND hour <= toDateTime(intDiv(${__to}, 1000))"


def question(view):
    return (f"SELECT name, count, hurt, {TIME.format('first_ns', 'first')}, {TIME.format('last_ns', 'last')} "
            f"FROM {view} ORDER BY count DESC, name LIMIT 100")


def by_the_hour(what, figure, more=""):
    return f"SELECT hour AS time, {what}, sum({figure}) AS n FROM hours WHERE {SHOWN}{more} " \
        f"GROUP BY time, {what} ORDER BY time"


# Title, form, width, query. Charts by the hour show the time that is chosen; all else is about that of the
# view "span", the last day.
STORE = (
    ("Records by cause, by the hour", "timeseries", 12, by_the_hour("cause", "records")),
    ("Calls broken, by service, by the hour", "timeseries", 12, by_the_hour("service", "hurt", " AND hurt > 0")),
    ("Resets that the records stand for, by the hour", "timeseries", 12, by_the_hour("direction", "stand_for")),
    ("What the ends show", "table", 6, "SELECT name, count FROM ways ORDER BY count DESC, name"),
    ("Hosts by kernel", "table", 6,
     "SELECT kernel, version, uniqExact(host) AS hosts FROM hosts GROUP BY kernel, version ORDER BY hosts DESC"),
    ("Who resets whom", "table", 12, question("who_resets_whom")),
    ("New since yesterday", "table", 12,
     "SELECT change, name, before, after FROM new_since_yesterday WHERE change != 'same' "
     "ORDER BY indexOf(['new', 'worse', 'better', 'gone'], change), after DESC, name LIMIT 100"),
    ("Causes", "table", 12, question("causes")),
    ("Situations", "table", 12, question("situations")),
    ("What broke a call", "table", 12, question("hurt")),
    ("Unexplained, by host", "table", 12, question("unexplained")),
    ("Services", "table", 12, question("services")),
    ("Worst pairs", "table", 12, question("worst_pairs")),
    ("Refused services", "table", 12, question("refused_services")),
    ("Firewall rejects", "table", 12, question("firewall_rejects")),
    ("Kernels", "table", 12, question("kernels")),
    ("Keep-alive races", "table", 12, "SELECT * FROM keepalive_races ORDER BY resets DESC, server, client LIMIT 100"),
    ("One end only", "table", 12,
     "SELECT way, host, cause, count() AS count FROM one_sided WHERE in_span OR other_in_span "
     "GROUP BY way, host, cause ORDER BY count DESC, way, host LIMIT 100"),
    ("Translated on the way", "table", 12,
     f"SELECT {TIME.format('time_ns', 'at')}, host, sender, sent_as, other_host, victim, arrived_as "
     "FROM translated ORDER BY time_ns DESC LIMIT 100"),
    ("The newest resets", "table", 16,
     f"SELECT {TIME.format('time_ns', 'at')}, way, cause, situation, host, sender, saddr, sport, other_host, "
     "other_victim, daddr, dport, outcome, other_outcome FROM resets WHERE in_span OR other_in_span "
     "ORDER BY time_ns DESC LIMIT 100"),
    ("Hosts, the most silent first", "table", 8,
     "SELECT host, max(time) AS newest, count() AS rows FROM incidents WHERE day >= today() - 1 "
     "GROUP BY host ORDER BY newest, host LIMIT 100"),
)


def panel(n, source, place, title, form, unit, targets):
    made = {"id": n, "type": form, "title": title, "datasource": source, "gridPos": place,
            "fieldConfig": {"defaults": {"unit": unit}, "overrides": []}, "targets": targets}
    for target, ref in zip(targets, "ABCDE"):
        target.update(refId=ref, datasource=source)
    if form == "table":
        made["transformations"] = [{"id": "organize", "options": {"excludeByName": {"Time": True}}}]
    return made


def places(widths):
    """From left to right, a new row where one is full."""
    x = y = height = 0
    for width, tall in widths:
        if x + width > 24:
            x, y, height = 0, y + height, 0
        yield {"x": x, "y": y, "w": width, "h": tall}
        x, height = x + width, max(height, tall)


def metrics():
    source = {"type": "prometheus", "uid": "${datasource}"}
    panels = []
    for place, (title, form, unit, width, *queries) in zip(
            places((p[3], 4 if p[1] == "stat" else 8) for p in METRICS), METRICS):
        targets = []
        for expr, legend in queries:
            expr = expr.replace("{I", '{instance=~"$instance"').replace("[R]", "[$__rate_interval]")
            targets.append({"expr": expr, "range": True, "legendFormat": legend} if form == "timeseries" else
                           {"expr": expr, "instant": True, "range": False,
                            "format": "table" if form == "table" else "time_series"})
        panels.append(panel(len(panels) + 1, source, place, title, form, unit, targets))
    instance = {"name": "instance", "label": "Host", "type": "query", "datasource": source, "refresh": 2,
                "query": "label_values(rsttrace_build_info, instance)", "multi": True, "includeAll": True,
                "allValue": ".+", "current": {"text": "All", "value": "$__all"}}
    return dashboard("rsttrace-metrics", "TCP resets: metrics", "now-6h", "prometheus", [instance], panels)


def store():
    source = {"type": "grafana-clickhouse-datasource", "uid": "${datasource}"}
    panels = []
    for place, (title, form, _, sql) in zip(places((p[2], 9) for p in STORE), STORE):
        is_table = form == "table"
        target = {"rawSql": sql, "editorType": "sql", "format": int(is_table),
                  "queryType": "table" if is_table else "timeseries"}
        panels.append(panel(len(panels) + 1, source, place, title, form, "none", [target]))
    return dashboard("rsttrace-store", "TCP resets: store", "now-7d", source["type"], [], panels)


def dashboard(uid, title, since, source, variables, panels):
    """As text, each panel a line."""
    choice = {"name": "datasource", "label": "Data source", "type": "datasource", "query": source, "refresh": 1}
    rest = json.dumps({"uid": uid, "title": title, "tags": ["rsttrace"], "schemaVersion": 39, "editable": True,
                       "time": {"from": since, "to": "now"}, "refresh": "", "timezone": "browser",
                       "templating": {"list": [choice, *variables]}})
    return rest[:-1] + ', "panels": [\n' + ",\n".join(map(json.dumps, panels)) + "\n]}\n"


def main():
    check, differs = sys.argv[1:] == ["--check"], False
    for name, text in (("rsttrace-metrics.json", metrics()), ("rsttrace-store.json", store())):
        path = os.path.join(HERE, name)
        if not check:
            with open(path, "w") as f:
                f.write(text)
        elif not os.path.exists(path) or open(path).read() != text:
            print(f"contrib/grafana/{name} is not what make.py writes")
            differs = True
    return differs


if __name__ == "__main__":
    sys.exit(main())
