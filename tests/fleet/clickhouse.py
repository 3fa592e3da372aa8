# SPDX-License-Identifier: GPL-2.0
"""A ClickHouse of the tests' own: its folder, its port on loopback, ended by its pid."""
import http.client
import json
import os
import shutil
import subprocess
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SQL = os.path.join(HERE, "..", "..", "contrib", "clickhouse", "18.16")
PATIENCE = 60

CONFIG = """<yandex>
<logger><level>warning</level><errorlog>{folder}/errors</errorlog><log>{folder}/log</log></logger>
<listen_host>127.0.0.1</listen_host>
<http_port>{port}</http_port><tcp_port>{tcp}</tcp_port>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path>
<mark_cache_size>268435456</mark_cache_size>
<users_config>users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
<remote_servers><rsttrace>
<shard><replica><default_database>shard0</default_database><host>127.0.0.1</host><port>{tcp}</port></replica></shard>
<shard><replica><default_database>shard1</default_database><host>127.0.0.1</host><port>{tcp}</port></replica></shard>
</rsttrace></remote_servers>
</yandex>
"""
USERS = """<yandex>
<profiles><default>
<max_memory_usage>{memory}</max_memory_usage>
<max_bytes_before_external_group_by>{spill}</max_bytes_before_external_group_by>
<log_queries>0</log_queries>
</default></profiles>
<users><default><password></password><networks><ip>::/0</ip></networks>
<profile>default</profile><quota>default</quota></default></users>
<quotas><default></default></quotas>
</yandex>
"""


class Refused(Exception):
    """What the server answered instead."""


class Server:
    def __init__(self, folder, port=8123, tcp=9000, memory=8 << 30):
        self.folder, self.port, self.process = folder, port, None
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "config.xml"), "w") as f:
            f.write(CONFIG.format(folder=folder, port=port, tcp=tcp))
        with open(os.path.join(folder, "users.xml"), "w") as f:
            f.write(USERS.format(memory=memory, spill=memory // 2))

    def start(self):
        self.process = subprocess.Popen(
            ["clickhouse-server", f"--config-file={self.folder}/config.xml"], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.ask("SELECT 1") == "1\n":
                    return self
            except OSError:
                time.sleep(0.05)
        raise Refused("it does not start: " + self.log())

    def log(self):
        try:
            return open(os.path.join(self.folder, "errors")).read()[-2000:]
        except OSError:
            return "no log"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """18.16 waits up to five seconds for connections and threads: nothing here needs that."""
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, query, data=None, database="default", **settings):
        """The answer to a query, as text. With data the query is an INSERT that they follow."""
        query_string = urllib.parse.urlencode({"query": query, "database": database, **settings})
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            c.request("POST", "/?" + query_string if data is not None else
                      "/?" + urllib.parse.urlencode({"database": database, **settings}),
                      data if data is not None else query.encode())
            r = c.getresponse()
            body = r.read().decode()
        finally:
            c.close()
        if r.status != 200:
            raise Refused(f"{body.strip()}\n  of: {query[:3000]}")
        return body

    def rows(self, query, database="default", **settings):
        """The answer as a list of dictionaries."""
        text = self.ask(query + " FORMAT JSONEachRow", database=database,
                        output_format_json_quote_64bit_integers=0, **settings)
        return [json.loads(line) for line in text.splitlines()]

    def define(self, *names, database="default", dialect=SQL):
        """Runs the statements of files of contrib/clickhouse."""
        for name in names:
            for statement in statements(os.path.join(dialect, name)):
                self.ask(statement, database=database)

    def insert(self, lines, table="incidents", database="default", **settings):
        """Takes in JSON Lines, as a shipper would send them."""
        return self.ask(f"INSERT INTO {table} FORMAT JSONEachRow", lines, database=database,
                        input_format_skip_unknown_fields=1, **settings)


def statements(path):
    """The statements of a file, without comments."""
    text = "".join(line for line in open(path) if not line.lstrip().startswith("--"))
    return [s.strip() for s in text.split(";") if s.strip()]


def installed():
    return shutil.which("clickhouse-server")
