#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Drops the days of incidents that are older than so many: 18.16 has no TTL for rows. For cron.
#
#   retention.sh DAYS [CLIENT OPTION...]      e.g. retention.sh 90 -d rsttrace
set -eu
case ${1:-} in
'' | *[!0-9]*)
	echo "retention.sh: expected a number of days" >&2
	exit 2
	;;
esac
days=$1
shift
clickhouse-client "$@" -q "SELECT DISTINCT table, partition FROM system.parts WHERE active AND database = currentDatabase()
	AND table IN ('incidents', 'incidents_local') AND toDate(partition) < today() - $days FORMAT TSV" |
	while read -r table partition; do
		clickhouse-client "$@" -q "ALTER TABLE $table DROP PARTITION '$partition'"
	done
