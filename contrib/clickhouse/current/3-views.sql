-- Made by make.py from source/3-views.sql: do not edit.
-- The views. They never say FINAL, which would read every row of a day once more.

-- What they are about: the last day. For another time put another view in this one's place, with
-- two constants; what came as long before is what "new" compares with.
CREATE VIEW IF NOT EXISTS span AS
SELECT
	toInt64(toUnixTimestamp(now()) - 86400) * 1000000000 AS since_ns,
	toInt64(toUnixTimestamp(now())) * 1000000000 AS until_ns;

-- Which of these the views read: from as long before the span as it lasts to its end, and half a minute
-- more at either side, by which the hosts' clocks may differ.
CREATE VIEW IF NOT EXISTS bounds AS
SELECT
	greatest(2 * since_ns - until_ns - 30000000000, 0) AS from_ns,
	least(until_ns, 4000000000000000000) + 30000000000 AS to_ns,
	toDate(intDiv(from_ns, 1000000000)) AS from_day,
	toDate(intDiv(to_ns, 1000000000)) AS to_day
FROM span;

-- What came in more than one row: in revisions, or twice.
CREATE VIEW IF NOT EXISTS repeated AS
SELECT key
FROM incidents
WHERE day >= (SELECT from_day FROM bounds) AND day <= (SELECT to_day FROM bounds)
GROUP BY key
HAVING count() > 1;

-- The last revision of each incident, once. Most came in one row, and are read as they are. A NULL is a
-- value here: argMax would pass over it, were it not in a tuple.
CREATE VIEW IF NOT EXISTS current AS
SELECT host, id, key, time_ns, kind, saddr, sport, daddr, dport, rst_seq, rst_ack, cause, confidence, situation, outcome, sampled, advice, sender_comm, victim_comm, sender_pod, sender_unit, sender_container_name, sender_container, sender_cgroup, victim_pod, victim_unit, victim_container_name, victim_container, victim_cgroup, victim_local, victim_owner, sender_heard_us, sender_ended_heard_us, victim_heard_us, community_id
FROM incidents
WHERE day >= (SELECT from_day FROM bounds) AND day <= (SELECT to_day FROM bounds) AND time_ns >= (SELECT from_ns FROM bounds) AND time_ns < (SELECT to_ns FROM bounds) AND key GLOBAL NOT IN (SELECT key FROM repeated)
UNION ALL
SELECT host, id, key, last.1 AS time_ns, last.2 AS kind, last.3 AS saddr, last.4 AS sport, last.5 AS daddr, last.6 AS dport, last.7 AS rst_seq, last.8 AS rst_ack, last.9 AS cause, last.10 AS confidence, last.11 AS situation, last.12 AS outcome, last.13 AS sampled, last.14 AS advice, last.15 AS sender_comm, last.16 AS victim_comm, last.17 AS sender_pod, last.18 AS sender_unit, last.19 AS sender_container_name, last.20 AS sender_container, last.21 AS sender_cgroup, last.22 AS victim_pod, last.23 AS victim_unit, last.24 AS victim_container_name, last.25 AS victim_container, last.26 AS victim_cgroup, last.27 AS victim_local, last.28 AS victim_owner, last.29 AS sender_heard_us, last.30 AS sender_ended_heard_us, last.31 AS victim_heard_us, last.32 AS community_id
FROM
(
	SELECT host, id, key, argMax(tuple(time_ns, kind, saddr, sport, daddr, dport, rst_seq, rst_ack, cause, confidence, situation, outcome, sampled, advice, sender_comm, victim_comm, sender_pod, sender_unit, sender_container_name, sender_container, sender_cgroup, victim_pod, victim_unit, victim_container_name, victim_container, victim_cgroup, victim_local, victim_owner, sender_heard_us, sender_ended_heard_us, victim_heard_us, community_id), rev) AS last
	FROM incidents
	WHERE day >= (SELECT from_day FROM bounds) AND day <= (SELECT to_day FROM bounds) AND time_ns >= (SELECT from_ns FROM bounds) AND time_ns < (SELECT to_ns FROM bounds) AND key GLOBAL IN (SELECT key FROM repeated)
	GROUP BY host, id, key
);

-- The same with what they come to: which ends the host saw, and the number that a reset goes by: its
-- sequence number, or, for one that answers a SYN and has 0, its acknowledgement. -1: not known.
CREATE VIEW IF NOT EXISTS ends AS
SELECT
	host, id, key, time_ns, kind, saddr, sport, daddr, dport, cause, confidence, situation, outcome, advice, community_id,
	kind IN ('active', 'reply', 'netfilter') AS sent,
	ifNull(victim_local, 0) = 1 AND victim_owner != '' AS got,
	kind != 'timeout' AND sent != got AND rst_seq IS NOT NULL AS is_single,
	toInt64(ifNull(rst_ack, -1)) AS ack,
	ifNull(sampled, 1) > 1 AS is_sample,
	multiIf(ifNull(rst_seq, 0) != 0, toInt64(ifNull(rst_seq, 0)), ack >= 0, 4294967296 + ack, toInt64(0)) AS number,
	outcome IN ('error', 'eof') AS hurts,
	sender_comm AS sender,
	victim_comm AS victim,
	multiIf(sender_pod != '', sender_pod, sender_unit != '', sender_unit,
		sender_container_name != '', sender_container_name,
		sender_container != '', sender_container, sender_cgroup) AS sender_service,
	multiIf(victim_pod != '', victim_pod, victim_unit != '', victim_unit,
		victim_container_name != '', victim_container_name,
		victim_container != '', victim_container, victim_cgroup) AS victim_service,
	toInt64(ifNull(sender_ended_heard_us, ifNull(sender_heard_us, -1))) AS sender_silence_us,
	toInt64(ifNull(victim_heard_us, -1)) AS victim_silence_us
FROM current;

-- Which host an address is, if one alone calls it its own, and when that host was traced: it told of
-- something before and after. In a storm it tells of some resets only, and what it does not tell of
-- may have been. A REJECT rule may answer for a host that is behind it.
CREATE VIEW IF NOT EXISTS addresses AS
SELECT
	far, any(host) AS far_host, any(first_ns) AS first, any(last_ns) AS last,
	any(sampled_first_ns) AS sampled_first, any(sampled_last_ns) AS sampled_last
FROM
(
	SELECT
		host, min(time_ns) AS first_ns, max(time_ns) AS last_ns,
		min(if(is_sample, time_ns, toInt64(4000000000000000000))) AS sampled_first_ns,
		max(if(is_sample, time_ns, toInt64(0))) AS sampled_last_ns,
		arrayFilter(a -> a != '', arrayDistinct(arrayConcat(
			groupUniqArray(if(sent AND kind != 'netfilter', saddr, '')),
			groupUniqArray(if(got, daddr, ''))))) AS own
	FROM ends
	GROUP BY host
)
ARRAY JOIN own AS far
GROUP BY far
HAVING count() = 1;

-- Records of one end each, by flow and number, in order of time: the first that was sent and the first
-- that was received are a pair, and so on, as long as no half minute lies between two of them. Numbers
-- alone are gathered here: of a name there are many copies. src and dst stand for address and port.
CREATE VIEW IF NOT EXISTS by_flow AS
SELECT
	number, groupArray(t) AS times, groupArray(s) AS sents, groupArray(a) AS acks, groupArray(k) AS keys,
	any(src) AS source, any(dst) AS target,
	length(keys) = 2 AND sents[1] != sents[2] AND abs(times[2] - times[1]) <= 30000000000
		AND NOT (acks[1] >= 0 AND acks[2] >= 0 AND acks[1] != acks[2]) AS is_pair
FROM
(
	SELECT
		src, dst, number, ts, ss, acs, ks,
		arrayCumSum(arrayMap(i -> i > 1 AND ts[i] - ts[if(i > 1, i - 1, 1)] > 30000000000 ? 1 : 0, arrayEnumerate(ts))) AS bursts,
		arrayEnumerateUniq(ss, bursts) AS ranks
	FROM
	(
		SELECT
			cityHash64(saddr, sport) AS src, cityHash64(daddr, dport) AS dst, number,
			groupArray(time_ns) AS times,
			arraySort(times) AS ts, arraySort((x, t) -> t, groupArray(sent), times) AS ss,
			arraySort((x, t) -> t, groupArray(ack), times) AS acs, arraySort((x, t) -> t, groupArray(key), times) AS ks
		FROM ends
		WHERE is_single
		GROUP BY src, dst, number
	)
)
ARRAY JOIN ts AS t, ss AS s, acs AS a, ks AS k, bursts AS burst, ranks AS rank
GROUP BY src, dst, number, burst, rank;

-- What is left of these: two records of one number and time, whose acknowledgements agree, or one end's
-- address and port, are of one reset that was translated on the way, where no third one fits.
CREATE VIEW IF NOT EXISTS unpaired AS
SELECT number, k, t, s, a, source, target
FROM by_flow
ARRAY JOIN times AS t, sents AS s, acks AS a, keys AS k
WHERE NOT is_pair AND number != 0;

CREATE VIEW IF NOT EXISTS alike AS
SELECT number, groupArray(k) AS sent_keys, groupArray(r_k) AS received_keys
FROM
(
	SELECT number, k, r_k
	FROM (SELECT * FROM unpaired WHERE s)
	ALL INNER JOIN
	(
		SELECT number, k AS r_k, t AS r_t, a AS r_a, source AS r_source, target AS r_target
		FROM unpaired
		WHERE NOT s
	)
	USING number
	WHERE abs(t - r_t) <= 30000000000 AND if(a >= 0 AND r_a >= 0, a = r_a, source = r_source OR target = r_target)
)
GROUP BY number;

-- The two records of a reset, each with the other.
CREATE VIEW IF NOT EXISTS pairs AS
SELECT k AS key, other AS other_key, 'paired' AS how
FROM (SELECT keys, [keys[2], keys[1]] AS others FROM by_flow WHERE is_pair)
ARRAY JOIN keys AS k, others AS other
UNION ALL
SELECT k AS key, other AS other_key, 'translated' AS how
FROM
(
	SELECT [x, y] AS ks, [y, x] AS others
	FROM alike
	ARRAY JOIN sent_keys AS x, received_keys AS y
	WHERE countEqual(sent_keys, x) = 1 AND countEqual(received_keys, y) = 1
)
ARRAY JOIN ks AS k, others AS other;

-- Every reset once, however many hosts told of it: by its sender's record, else by the only one. What
-- begins with other_ is of the record that tells of the victim; that may be the same one. way is as
-- "ends" in the report: here, paired, translated, not-received, not-sent, elsewhere, no-rst.
CREATE VIEW IF NOT EXISTS resets AS
SELECT
	multiIf(how != '', how, kind = 'timeout', 'no-rst', sent AND got, 'here',
		far_host != '' AND time_ns >= first - 30000000000 AND time_ns <= last + 30000000000
			AND (sampled_first > sampled_last OR time_ns < sampled_first - 30000000000 OR time_ns > sampled_last + 30000000000),
		if(sent, 'not-received', 'not-sent'), 'elsewhere') AS way,
	time_ns >= since AND time_ns < until AS in_span,
	time_ns >= 2 * since - until AND time_ns < since AS in_before,
	other_time_ns >= since AND other_time_ns < until AS other_in_span,
	other_time_ns >= 2 * since - until AND other_time_ns < since AS other_in_before,
	host, id, time_ns, saddr, sport, daddr, dport, kind, cause, confidence, situation, outcome, hurts, advice, sent, got, sender, victim, sender_service, victim_service, sender_silence_us, victim_silence_us, community_id, other_host, other_id, other_time_ns, other_saddr, other_sport, other_daddr, other_dport, other_kind, other_cause, other_confidence, other_situation, other_outcome, other_hurts, other_advice, other_sent, other_got, other_sender, other_victim, other_sender_service, other_victim_service, other_sender_silence_us, other_victim_silence_us, other_community_id
FROM
(
	SELECT
		how, host, id, time_ns, saddr, sport, daddr, dport, kind, cause, confidence, situation, outcome, hurts, advice, sent, got, sender, victim, sender_service, victim_service, sender_silence_us, victim_silence_us, community_id, far, if(how = '', host, r_host) AS other_host, if(how = '', id, r_id) AS other_id, if(how = '', time_ns, r_time_ns) AS other_time_ns, if(how = '', saddr, r_saddr) AS other_saddr, if(how = '', sport, r_sport) AS other_sport, if(how = '', daddr, r_daddr) AS other_daddr, if(how = '', dport, r_dport) AS other_dport, if(how = '', kind, r_kind) AS other_kind, if(how = '', cause, r_cause) AS other_cause, if(how = '', confidence, r_confidence) AS other_confidence, if(how = '', situation, r_situation) AS other_situation, if(how = '', outcome, r_outcome) AS other_outcome, if(how = '', hurts, r_hurts) AS other_hurts, if(how = '', advice, r_advice) AS other_advice, if(how = '', sent, r_sent) AS other_sent, if(how = '', got, r_got) AS other_got, if(how = '', sender, r_sender) AS other_sender, if(how = '', victim, r_victim) AS other_victim, if(how = '', sender_service, r_sender_service) AS other_sender_service, if(how = '', victim_service, r_victim_service) AS other_victim_service, if(how = '', sender_silence_us, r_sender_silence_us) AS other_sender_silence_us, if(how = '', victim_silence_us, r_victim_silence_us) AS other_victim_silence_us, if(how = '', community_id, r_community_id) AS other_community_id,
		(SELECT since_ns FROM span) AS since, (SELECT until_ns FROM span) AS until
	FROM
	(
		SELECT how, other_key, host, id, time_ns, saddr, sport, daddr, dport, kind, cause, confidence, situation, outcome, hurts, advice, sent, got, sender, victim, sender_service, victim_service, sender_silence_us, victim_silence_us, community_id, if(sent, daddr, saddr) AS far
		FROM ends
		ANY LEFT JOIN pairs USING key
		WHERE sent OR how = ''
	)
	ANY LEFT JOIN
	(
		SELECT key AS other_key, host AS r_host, id AS r_id, time_ns AS r_time_ns, saddr AS r_saddr, sport AS r_sport, daddr AS r_daddr, dport AS r_dport, kind AS r_kind, cause AS r_cause, confidence AS r_confidence, situation AS r_situation, outcome AS r_outcome, hurts AS r_hurts, advice AS r_advice, sent AS r_sent, got AS r_got, sender AS r_sender, victim AS r_victim, sender_service AS r_sender_service, victim_service AS r_victim_service, sender_silence_us AS r_sender_silence_us, victim_silence_us AS r_victim_silence_us, community_id AS r_community_id
		FROM ends
		WHERE is_single AND NOT sent
	)
	USING other_key
)
ANY LEFT JOIN addresses USING far;

-- ---- what one looks at

-- Both ends, by two records.
CREATE VIEW IF NOT EXISTS both_ends AS
SELECT * FROM resets WHERE way IN ('paired', 'translated');

-- One end: lost or filtered on the way; not sent by that address's host, but forged, or from behind a NAT
-- there, or by a sender that hooks cannot see; or the other's host was not traced.
CREATE VIEW IF NOT EXISTS one_sided AS
SELECT * FROM resets WHERE way IN ('not-received', 'not-sent', 'elsewhere');

-- What was sent with one pair of addresses and ports, and arrived with another.
CREATE VIEW IF NOT EXISTS translated AS
SELECT
	time_ns, host, sender, concat(saddr, ':', toString(sport), ' → ', daddr, ':', toString(dport)) AS sent_as,
	other_host, victim, concat(other_saddr, ':', toString(other_sport), ' → ', other_daddr, ':', toString(other_dport)) AS arrived_as
FROM resets
WHERE way = 'translated';

-- Requests that met a connection which the server had just closed for idleness: how long the servers
-- had waited in silence, which is their timeout, how long the clients had kept their connections, and
-- what to change. -1: no record has it.
CREATE VIEW IF NOT EXISTS keepalive_races AS
SELECT
	sender_service AS server, victim_service AS client, least(sport, dport) AS port,
	count() AS resets,
	if(max(sender_silence_us) < 0, -1, quantileExact(0.5)(sender_silence_us) / 1000000) AS server_timeout_s,
	if(max(other_victim_silence_us) < 0, -1, max(other_victim_silence_us) / 1000000) AS client_keeps_s,
	any(other_advice) AS advice
FROM resets
WHERE ((in_span AND (cause = 'keepalive-race' OR situation IN ('keepalive-race', 'idle-timeout'))) OR (other_in_span AND (other_cause = 'keepalive-race' OR other_situation IN ('keepalive-race', 'idle-timeout'))))
GROUP BY server, client, port;
