-- On each server of a cluster, after 1-replicated.sql: incidents and hosts are what the views read,
-- incidents_write is what shippers write to, as 18.16 cannot pass on a table's computed columns. The
-- cluster's name is rsttrace; '' is the database that each server's part of <remote_servers> names.
--
-- The number that a reset goes by is the same at both of its ends, also where addresses are
-- translated on the way: both records are on one shard.
CREATE TABLE IF NOT EXISTS incidents AS incidents_local
ENGINE = Distributed('rsttrace', '', 'incidents_local');

CREATE TABLE IF NOT EXISTS incidents_write
(
	{columns}
)
ENGINE = Distributed('rsttrace', '', 'incidents_local',
	intHash32(if(ifNull(rst_seq, 0) = 0, ifNull(rst_ack, 0), ifNull(rst_seq, 0))));

CREATE TABLE IF NOT EXISTS hosts AS hosts_local
ENGINE = Distributed('rsttrace', '', 'hosts_local', intHash32(cityHash64(host)));
