#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes the definitions for both servers from source/*.sql and the record's keys.

    make.py            writes 18.16/ and current/ anew
    make.py --check    prints what differs, and fails if anything does

18.16 is what Debian 12 has, current what ClickHouse Inc. supports today. In a source
    -- in 18.16: TEXT       and  -- in current: TEXT     stand for TEXT in that one only
    {columns}               a column for each key of docs/record.md
    {kept}, {kept names}    the columns that the views read, and how they are named again
    {either: CONDITION}     CONDITION holds for one of a reset's records that the span wants;
                            in it a column is named as o.NAME
    {in bounds}             the time that the views read
    {end}, {other names}    what is told of a reset's record, and of its other one
    {own if alone}, {named r_}   the latter: of the record r_, where there is one
    {word}                  the type of strings that take few values
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RECORD = os.path.join(HERE, "..", "..", "docs", "record.md")
DIALECTS = ("18.16", "current")
# Not columns: the schema and the time as text say nothing more.
LEFT_OUT = {"schema", "time"}
# In every record, and so not Nullable.
ALWAYS = {"rev", "time_ns"}
# Strings that are as many as there are incidents, or nearly.
MANY = {"id", "follows", "community_id", "saddr", "daddr", "cause_text", "situation_text", "rst_text",
        "icmp_from", "sender_container", "victim_container"}
# What the views read of an incident, besides host, id and rev.
KEPT = """time_ns kind saddr sport daddr dport rst_seq rst_ack cause confidence situation outcome sampled
    advice sender_comm victim_comm sender_pod sender_unit sender_container_name
    sender_container sender_cgroup victim_pod victim_unit victim_container_name victim_container
    victim_cgroup victim_local victim_owner sender_heard_us sender_ended_heard_us victim_heard_us community_id""".split()
# ... and what they tell of a reset's record; all of it is in the view "ends".
END = """host id time_ns saddr sport daddr dport kind cause confidence situation outcome hurts advice sent got
    sender victim sender_service victim_service sender_silence_us victim_silence_us community_id""".split()
BOUNDS = "day >= (SELECT from_day FROM bounds) AND day <= (SELECT to_day FROM bounds) " \
    "AND time_ns >= (SELECT from_ns FROM bounds) AND time_ns < (SELECT to_ns FROM bounds)"


def keys():
    """The record's keys and types, in its order; the first table of the reference."""
    found = []
    for line in open(RECORD):
        row = re.match(r"\| `([a-z0-9_]+)` \| ([a-z ]+) \|", line)
        if row:
            found.append(row.groups())
        elif found and line.startswith("## "):
            return found
    sys.exit(f"make.py: no table of keys in {RECORD}")


def column(key, kind, dialect):
    word = "String" if key in MANY or dialect == "18.16" else "LowCardinality(String)"
    types = {"string": word, "array of strings": "Array(String)",
             "int": "Int64" if key in ALWAYS else "Nullable(Int64)", "bool": "Nullable(UInt8)"}
    if kind == "array of objects":      # 18.16 cannot take them in, and leaves them out
        return None if dialect == "18.16" else f"{key} String"
    codec = " CODEC(Delta, ZSTD)" if key == "time_ns" and dialect == "current" else ""
    return f"{key} {types[kind]}{codec}"


def columns(dialect):
    made = [column(key, kind, dialect) for key, kind in keys() if key not in LEFT_OUT]
    return ",\n\t".join(c for c in made if c)


def either(found):
    cond = found.group(1)
    mine, other = (re.sub(r"\bo\.(\w+)", prefix + r"\1", cond) for prefix in ("", "other_"))
    return f"((in_span AND ({mine})) OR (other_in_span AND ({other})))"


def translate(text, dialect):
    text = re.sub(rf"^([ \t]*)-- in {re.escape(dialect)}: ", r"\1", text, flags=re.M)
    text = re.sub(r"^[ \t]*-- in [0-9a-z.]+: .*\n", "", text, flags=re.M)
    text = re.sub(r"\{either: (.*?)\}", either, text, flags=re.S)
    kept = ", ".join(KEPT)
    names = ", ".join(f"last.{i} AS {key}" for i, key in enumerate(KEPT, 1))
    for mark, value in (("{columns}", columns(dialect)), ("{kept}", kept), ("{kept names}", names),
                        ("{end}", ", ".join(END)), ("{in bounds}", BOUNDS),
                        ("{other names}", ", ".join("other_" + key for key in END)),
                        ("{named r_}", ", ".join(f"{key} AS r_{key}" for key in END)),
                        ("{own if alone}", ", ".join(f"if(how = '', {key}, r_{key}) AS other_{key}" for key in END)),
                        ("{word}", "String" if dialect == "18.16" else "LowCardinality(String)")):
        text = text.replace(mark, value)
    return text


def main():
    check, differs = sys.argv[1:] == ["--check"], False
    for name in sorted(os.listdir(os.path.join(HERE, "source"))):
        source = open(os.path.join(HERE, "source", name)).read()
        for dialect in DIALECTS:
            path = os.path.join(HERE, dialect, name)
            text = f"-- Made by make.py from source/{name}: do not edit.\n" + translate(source, dialect)
            if not check:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w") as f:
                    f.write(text)
            elif not os.path.exists(path) or open(path).read() != text:
                print(f"contrib/clickhouse/{dialect}/{name} is not what make.py writes")
                differs = True
    return differs


if __name__ == "__main__":
    sys.exit(main())
