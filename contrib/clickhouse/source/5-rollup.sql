-- Counts by the hour, for months of them on one screen. They are not made as rows come in, as a view
-- that is fed by inserts would count a record again for each of its revisions, and for each time that a
-- shipper sent it: 6-fill.sql counts the last revisions of an hour's records, anew for each hour of the
-- last three days to which something came. Run it every few minutes; twice does no harm.
CREATE TABLE IF NOT EXISTS hourly
(
	hour DateTime,
	host {word},
	direction {word},
	cause {word},
	situation {word},
	service String,
	records UInt64,
	hurt UInt64,
	stand_for UInt64,
	made DateTime
)
ENGINE = ReplacingMergeTree(made)
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, host, direction, cause, situation, service);

-- What to read: of each hour what was counted last. A row of an earlier count may be one that a
-- revision has emptied since.
CREATE VIEW IF NOT EXISTS hours AS
SELECT hour, host, direction, cause, situation, service,
	argMax(records, made) AS records, argMax(hurt, made) AS hurt, argMax(stand_for, made) AS stand_for
FROM (SELECT * FROM hourly WHERE (hour, made) GLOBAL IN (SELECT hour, max(made) FROM hourly GROUP BY hour))
GROUP BY hour, host, direction, cause, situation, service;

-- Hours to which something came since they were counted, or in the ten minutes before: it may have been
-- on its way then.
CREATE VIEW IF NOT EXISTS stale_hours AS
SELECT hour
FROM
(
	SELECT toStartOfHour(time) AS hour, max(received) AS newest
	FROM incidents
	WHERE day >= today() - 3
	GROUP BY hour
)
ANY LEFT JOIN (SELECT hour, max(made) AS made FROM hourly GROUP BY hour) USING hour
WHERE newest + 600 >= made;
