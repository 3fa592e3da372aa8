#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In a guest, for clock.py: the clock is set back and forward, the machine sleeps, and after each a
# connect is refused. Leaves in /out what the tracer said (lines, rec, err), and a line for each refused
# connect: what had happened, the time of day then, and the monotonic clock.

mono() {
	sed -n 's/^now at \([0-9]*\)[0-9]\{9\} nsecs$/\1/p' /proc/timer_list
}

# refuse WHAT: and waits for its record.
refuse() {
	n=$((n + 1))
	echo "$1 $(date +%s) $(mono)" >>/out/refused
	nc 127.0.0.1 9 </dev/null 2>/dev/null
	until [ "$(grep -c '"kind"' /out/lines)" -ge "$n" ]; do usleep 100000; done
}

n=0
rsttrace --json -o /out/lines --record /out/rec 2>/out/err &
tracer=$!
until grep -q '^rsttrace: ready$' /out/err; do usleep 100000; done
refuse before
date -s "@$(($(date +%s) - 7200))" >/dev/null
refuse back
date -s "@$(($(date +%s) + 86400))" >/dev/null
refuse forward
# All of a suspend but the power: the kernel stops its clocks, waits for five seconds and wakes up. No
# emulated alarm clock wakes a guest from s2idle.
if [ -e /sys/power/pm_test ]; then
	echo core >/sys/power/pm_test
	echo mem >/sys/power/state && refuse sleep
fi
kill -INT $tracer
wait $tracer
