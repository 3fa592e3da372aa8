-- Made by make.py from source/4-questions.sql: do not edit.
-- The auditor's questions, as "rsttrace report --ask NAME" answers them from files, with the same
-- names (there with - for _), columns and figures: resets, those that broke a call, first and last. A
-- reset counts in the row of each of its ends where it says so.

-- Process by process.
CREATE VIEW IF NOT EXISTS who_resets_whom AS
SELECT
	concat(if(sender = '', '?', sender), ' → ', if(other_victim = '', '?', other_victim)) AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
WHERE (in_span OR other_in_span)
GROUP BY name
ORDER BY count DESC, name;

-- By cause,
CREATE VIEW IF NOT EXISTS causes AS
SELECT
	cause AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
WHERE (in_span OR other_in_span)
GROUP BY name
ORDER BY count DESC, name;

-- ... and by what people would call it.
CREATE VIEW IF NOT EXISTS situations AS
SELECT
	multiIf(situation != '', situation, other_situation != '', other_situation, '(none)') AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
WHERE (in_span OR other_in_span)
GROUP BY name
ORDER BY count DESC, name;

-- Who resets whom that did not in the span before this one, or notably more or less often: half as
-- much again, and beyond three standard deviations of such counts.
CREATE VIEW IF NOT EXISTS new_since_yesterday AS
SELECT
	concat(if(sender = '', '?', sender), ' → ', if(other_victim = '', '?', other_victim)) AS name,
	sum(in_before OR other_in_before) AS before,
	sum(in_span OR other_in_span) AS after,
	3 * sqrt((before + after) / 4) AS chance,
	multiIf(before = 0, 'new', after = 0, 'gone',
		after >= 1.5 * before AND after - (before + after) / 2 > chance, 'worse',
		before >= 1.5 * after AND before - (before + after) / 2 > chance, 'better', 'same') AS change
FROM resets
WHERE in_before OR other_in_before OR in_span OR other_in_span
GROUP BY name
ORDER BY indexOf(['new', 'worse', 'same', 'better', 'gone'], change), name;

-- By service: pod, else systemd unit, else container, else control group; of both ends.
CREATE VIEW IF NOT EXISTS services AS
SELECT
	if(one = '', '?', one) AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
ARRAY JOIN arrayDistinct(arrayFilter(x -> x != '' OR (sender_service = '' AND other_victim_service = ''), [sender_service, other_victim_service])) AS one
WHERE (in_span OR other_in_span)
GROUP BY name
ORDER BY count DESC, name;

-- By kernel of the hosts that told of it. ?: not known, or of a host that has run several.
CREATE VIEW IF NOT EXISTS kernels AS
SELECT
	if(one = '', '?', one) AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM
(
	SELECT time_ns, hurts, other_hurts, kernel, other_kernel
	FROM
	(
		SELECT time_ns, hurts, other_hurts, kernel, other_host
		FROM
		(
			SELECT time_ns, hurts, other_hurts, host, other_host
			FROM resets
			WHERE (in_span OR other_in_span)
		)
		ANY LEFT JOIN
		(
			SELECT host, if(uniqExact(kernel) = 1, any(kernel), '') AS kernel FROM hosts GROUP BY host
		)
		USING host
	)
	ANY LEFT JOIN
	(
		SELECT host AS other_host, if(uniqExact(kernel) = 1, any(kernel), '') AS other_kernel FROM hosts GROUP BY host
	)
	USING other_host
)
ARRAY JOIN arrayDistinct(arrayFilter(x -> x != '' OR (kernel = '' AND other_kernel = ''), [kernel, other_kernel])) AS one
GROUP BY name
ORDER BY count DESC, name;

-- Address by address, only resets that broke a call.
CREATE VIEW IF NOT EXISTS worst_pairs AS
SELECT
	concat(saddr, ' → ', daddr) AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
WHERE ((in_span AND (outcome IN ('error', 'eof'))) OR (other_in_span AND (other_outcome IN ('error', 'eof'))))
GROUP BY name
ORDER BY count DESC, name;

-- What nobody listens at, or not fast enough: the address and port that answered.
CREATE VIEW IF NOT EXISTS refused_services AS
SELECT
	if(position(saddr, ':') > 0, concat('[', saddr, ']:', toString(sport)), concat(saddr, ':', toString(sport))) AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
WHERE ((in_span AND (cause IN ('closed-port', 'peer-refused', 'accept-queue-overflow'))) OR (other_in_span AND (other_cause IN ('closed-port', 'peer-refused', 'accept-queue-overflow'))))
GROUP BY name
ORDER BY count DESC, name;

-- What REJECT rules keep from others: address and port that they answered for.
CREATE VIEW IF NOT EXISTS firewall_rejects AS
SELECT
	if(position(saddr, ':') > 0, concat('[', saddr, ']:', toString(sport)), concat(saddr, ':', toString(sport))) AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
WHERE ((in_span AND (cause = 'firewall-reject')) OR (other_in_span AND (other_cause = 'firewall-reject')))
GROUP BY name
ORDER BY count DESC, name;

-- Only what broke a call, by cause.
CREATE VIEW IF NOT EXISTS hurt AS
SELECT
	cause AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
WHERE ((in_span AND (outcome IN ('error', 'eof'))) OR (other_in_span AND (other_outcome IN ('error', 'eof'))))
GROUP BY name
ORDER BY count DESC, name;

-- What no cause is known of, by who told of it.
CREATE VIEW IF NOT EXISTS unexplained AS
SELECT
	one AS name, count() AS count, sum(hurts OR other_hurts) AS hurt,
	min(time_ns) AS first_ns, max(time_ns) AS last_ns
FROM resets
ARRAY JOIN arrayDistinct([host, other_host]) AS one
WHERE ((in_span AND (cause = 'unknown')) OR (other_in_span AND (other_cause = 'unknown')))
GROUP BY name
ORDER BY count DESC, name;

-- What the ends show, as "ends" in the report.
CREATE VIEW IF NOT EXISTS ways AS
SELECT way AS name, count() AS count
FROM resets
WHERE (in_span OR other_in_span)
GROUP BY name
ORDER BY count DESC, name;
