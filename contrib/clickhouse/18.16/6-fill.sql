-- Made by make.py from source/6-fill.sql: do not edit.
-- Counts the hours anew that have changed; see 5-rollup.sql. Each count is later than any before it, even
-- within one second, so that of two the last is known.
INSERT INTO hourly
SELECT
	hour, host, direction, cause, situation, service,
	count() AS records, sum(outcome IN ('error', 'eof')) AS hurt, sum(stands_for) AS stand_for,
	toDateTime(greatest(toUInt32(now()), 1 + (SELECT max(toUInt32(made)) FROM hourly))) AS made
FROM
(
	SELECT
		host, last.1 AS hour, last.2 AS cause, last.3 AS situation, last.4 AS outcome,
		multiIf(last.5 NOT IN ('active', 'reply', 'netfilter'), 'received', last.6, 'both', 'sent') AS direction,
		last.7 AS service, last.8 AS stands_for
	FROM
	(
		SELECT host, id, argMax(tuple(toStartOfHour(time), cause, situation, outcome, kind, ifNull(victim_local, 0) = 1,
			multiIf(sender_pod != '', sender_pod, sender_unit != '', sender_unit, sender_container_name != '',
				sender_container_name, victim_pod != '', victim_pod, victim_unit != '', victim_unit, victim_container_name),
			toUInt64(ifNull(sampled, 1))), rev) AS last
		FROM incidents
		WHERE day >= today() - 3 AND toStartOfHour(time) GLOBAL IN (SELECT hour FROM stale_hours)
		GROUP BY host, id
	)
)
GROUP BY hour, host, direction, cause, situation, service;
