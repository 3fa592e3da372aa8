-- The tables on each server of a cluster, for which {shard} and {replica} are set in its <macros>.
-- All names are in the database that the client is in: clickhouse-client -n -d rsttrace < FILE
--
-- A record may come twice, when a shipper was not sure that it had arrived, and in revisions. The
-- engine keeps one row of each in the end; until then the view "current" takes the last one. A
-- row's place must not change with its revision, so nothing that a later one may correct is in the
-- order.
CREATE TABLE IF NOT EXISTS incidents_local
(
	{columns},
	time DateTime MATERIALIZED toDateTime(intDiv(time_ns, 1000000000)),
	day Date MATERIALIZED toDate(intDiv(time_ns, 1000000000)),
	received DateTime MATERIALIZED now(),
	key UInt64 MATERIALIZED cityHash64(host, id)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/rsttrace/incidents', '{replica}', rev)
PARTITION BY day
ORDER BY (toStartOfHour(time), host, id)
-- in 18.16: SETTINGS index_granularity = 8192;
-- in current: TTL day + INTERVAL 90 DAY
-- in current: SETTINGS index_granularity = 8192, ttl_only_drop_parts = 1;

-- What "rsttrace check --json" says of a host, a line whenever its tracer starts.
CREATE TABLE IF NOT EXISTS hosts_local
(
	host String,
	kernel {word},
	machine {word},
	version {word}
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/rsttrace/hosts', '{replica}')
ORDER BY (host, kernel);
