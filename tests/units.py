#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What contrib/ has for others to run: the unit, its configuration, the DaemonSet, the Collector's
configuration. Needs no root.

    units.py [DIRECTORY WITH rsttrace]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:     # Debian's python3-yaml is not there for a python that came otherwise
    yaml = None

UNIT = "contrib/systemd/rsttrace.service"
CONFIG = "contrib/systemd/rsttrace.conf"
DAEMONSET = "contrib/kubernetes/daemonset.yaml"
COLLECTOR = "contrib/otel/collector.yaml"
RECORD = "docs/record.md"
MOST_EXPOSED = 2.5
CAPABILITIES = ["BPF", "PERFMON", "SYS_PTRACE"]
passed = failed = skipped = 0

# The fields of the objects that are used here, as the Kubernetes API has and validates them: a type, what a string
# has to look like, a list of one kind of thing, or a table of fields; "*" stands for names that are the user's, "!"
# ends that of a field which has to be there.
NAME = re.compile(r"(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?")
LABEL = re.compile(r"(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
PATH = re.compile(r"/[^:]*")
QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|[kMGTPE]|[KMGTPE]i)?")
CAPABILITY = re.compile(r"(?!CAP_)[A-Z][A-Z_]*")
RESOURCES = {"cpu": QUANTITY, "memory": QUANTITY}
META = {"name": NAME, "namespace": NAME, "labels": {"*": LABEL}}
NAMED = {**META, "name!": NAME}
CONTAINER = {
    "name!": NAME, "image!": re.compile(r"[a-z0-9][a-z0-9._/:-]*:[\w.-]+"), "args": [str],
    "imagePullPolicy": re.compile("Always|IfNotPresent|Never"),
    "securityContext": {
        "privileged": bool, "allowPrivilegeEscalation": bool, "readOnlyRootFilesystem": bool, "runAsUser": int,
        "capabilities": {"drop": [CAPABILITY], "add": [CAPABILITY]},
        "seccompProfile": {"type!": re.compile("Unconfined|RuntimeDefault")},
    },
    "resources": {"requests": RESOURCES, "limits": RESOURCES},
    "volumeMounts": [{"name!": NAME, "mountPath!": PATH, "readOnly": bool}],
}
POD = {
    "hostPID": bool, "hostNetwork": bool, "automountServiceAccountToken": bool,
    "tolerations": [{"operator": re.compile("Exists|Equal")}], "containers!": [CONTAINER],
    "volumes": [{"name!": NAME, "configMap": {"name!": NAME},
                 "hostPath": {"path!": PATH, "type": re.compile("|Directory|DirectoryOrCreate|File")}}],
}
KINDS = {
    ("v1", "Namespace"): {"metadata!": NAMED},
    ("v1", "ConfigMap"): {"metadata!": NAMED, "data": {"*": str}},
    ("apps/v1", "DaemonSet"): {"metadata!": NAMED, "spec!": {
        "selector!": {"matchLabels!": {"*": LABEL}}, "template!": {"metadata!": META, "spec!": POD}}},
}

# Attributes of OpenTelemetry's semantic conventions, with the types that their registry gives them.
CONVENTIONS = {
    "string": """host.name network.transport network.type source.address destination.address client.address
        server.address process.executable.path process.linux.cgroup thread.name container.id container.name
        k8s.namespace.name k8s.pod.name error.type""".split(),
    "int": "source.port destination.port client.port server.port process.pid".split(),
}
BODY = r'log\.body\["(\w+)"\]'
VALUE = rf'(?:{BODY}|"(\w+)"|Split\({BODY}, "/"\)\[[01]\])'
CONDITION = rf'{BODY} (?:[!=]= nil|== "\w+")'
STATEMENT = re.compile(rf'set\(log\.attributes\["([\w.]+)"\], {VALUE}\)'
                       rf'(?: where {CONDITION}(?: (?:and|or) {CONDITION})*)?')
OTHER_STATEMENT = re.compile(r'set\(log\.event_name, "rsttrace\.reset"\)|'
                             r'set\(log\.severity_number, SEVERITY_NUMBER_(?:INFO|WARN)\)'
                             rf'(?: where {CONDITION}(?: or {CONDITION})*)?')


def check(name, ok, what=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(f"{'ok  ' if ok else 'FAIL'} units-{name}{'' if ok else ': ' + str(what)}")


def wrong(value, form, where):
    """What in the value is not of that form."""
    if isinstance(form, type):
        return [] if type(value) is form else [f"{where}: {value!r} is no {form.__name__}"]
    if isinstance(form, re.Pattern):
        return [] if isinstance(value, str) and form.fullmatch(value) else [f"{where}: {value!r} is no {form.pattern}"]
    if isinstance(form, list):
        if not isinstance(value, list):
            return [f"{where}: no list"]
        return [w for i, v in enumerate(value) for w in wrong(v, form[0], f"{where}[{i}]")]
    if not isinstance(value, dict):
        return [f"{where}: no table"]
    missing = [f"{where}: lacks {k[:-1]}" for k in form if k.endswith("!") and k[:-1] not in value]
    form = {k.rstrip("!"): v for k, v in form.items()}
    unknown = [f"{where}: no field {k}" for k in value if k not in form and "*" not in form]
    return missing + unknown + [w for k, v in value.items() if k in form or "*" in form
                                for w in wrong(v, form.get(k, form.get("*")), f"{where}.{k}")]


def strict_loader():
    class Loader(yaml.SafeLoader):
        """Refuses a key that stands twice, of which YAML readers take one."""
        def construct_mapping(self, node, deep=False):
            keys = [self.construct_object(k) for k, _ in node.value]
            if len(keys) != len(set(keys)):
                raise yaml.YAMLError(f"{node.start_mark}: a key stands twice")
            return super().construct_mapping(node, deep)
    return Loader


def form_is_strict():
    """The check itself: it finds what is wrong."""
    good = "spec: {containers: [{name: a, image: 'a:1'}]}"
    check("finds-nothing", not wrong(yaml.safe_load(good), {"spec": POD}, ""), good)
    for more in ("hostPid: true", "hostPID: 'true'", "containers: [{name: a, image: 'a:1', args: x}]", "containers: [{name: a}]",
                 "containers: [{name: A, image: 'a:1'}]", "containers: [{name: a, image: 'a'}]",
                 "volumes: [{name: a, hostPath: {path: b}}]", "volumes: [{name: a, hostPath: {path: /b, type: Folder}}]",
                 "containers: [{name: a, image: 'a:1', resources: {limits: {memory: 512MB}}}]",
                 "containers: [{name: a, image: 'a:1', securityContext: {capabilities: {add: [CAP_BPF]}}}]"):
        spec = {**yaml.safe_load(good)["spec"], **yaml.safe_load("{" + more + "}")}
        check("finds-" + re.sub(r"\W+", "-", more), len(wrong(spec, POD, "spec")) == 1, wrong(spec, POD, "spec"))


def kubernetes(rsttrace):
    with open(DAEMONSET) as f:
        objects = list(yaml.load_all(f, strict_loader()))
    for o in objects:
        kind = (o.pop("apiVersion"), o.pop("kind"))
        check("fields-of-" + kind[1], kind in KINDS and not wrong(o, KINDS[kind], kind[1]),
              kind in KINDS and wrong(o, KINDS[kind], kind[1]))
    _, config, daemons = objects
    pod = daemons["spec"]["template"]["spec"]
    container, = pod["containers"]
    security = container["securityContext"]
    check("unprivileged", not security["privileged"] and not security["allowPrivilegeEscalation"] and
          security["capabilities"] == {"drop": ["ALL"], "add": CAPABILITIES}, security)
    check("selects-its-pods", daemons["spec"]["selector"]["matchLabels"].items() <=
          daemons["spec"]["template"]["metadata"]["labels"].items(), daemons)
    mounts = {m["name"]: m for m in container["volumeMounts"]}
    check("mounts", mounts.keys() == {v["name"] for v in pod["volumes"]} and
          all(m["readOnly"] for m in mounts.values()), mounts)
    check("own-config", [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v] ==
          [config["metadata"]["name"]] and container["args"][0] == "--config" and
          container["args"][1] == mounts["config"]["mountPath"] + "/" + next(iter(config["data"])), container)
    takes(rsttrace, "daemonset-config", config["data"]["rsttrace.conf"])


def takes(rsttrace, name, text):
    """The text is a configuration as rsttrace reads it: so much is judged before anything is traced."""
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(text + "\nreplay = x\nrecord = y\n")
        f.flush()
        run = subprocess.run([rsttrace, "--config", f.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             check=False)
    # a mistake in a line is told with the line; what was added is refused after all lines were read
    said = run.stdout.decode()
    check(name, run.returncode == 2 and ": --" in said and f.name + ":" not in said, said)


def unit(rsttrace):
    global skipped
    with open(UNIT) as f:
        text = f.read()
    granted = ["CAP_" + c for c in CAPABILITIES]
    for setting in ("AmbientCapabilities", "CapabilityBoundingSet"):
        check(setting.lower(), re.findall(f"^{setting}=(.*)$", text, re.M) == [" ".join(granted)])
    with open(CONFIG) as f:
        settings = f.read()
    takes(rsttrace, "unit-config", settings)
    takes(rsttrace, "unit-config-commented", re.sub("^#(?=[a-z])", "", settings, flags=re.M))
    if not shutil.which("systemd-analyze"):
        print("SKIP units: no systemd-analyze here")
        skipped += 2
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, os.path.basename(UNIT))
        with open(copy, "w") as f:
            f.write(text.replace("/usr/sbin/rsttrace", os.path.abspath(rsttrace)))
        run = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False)
        said = [line for line in run.stdout.decode().splitlines() if "rsttrace" in line]
        check("verify", run.returncode == 0 and not said, run.stdout.decode())
        run = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", copy],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", run.stdout.decode())
        check("security", found and float(found.group(1)) <= MOST_EXPOSED, run.stdout.decode()[-300:])


def record_keys():
    """The record's keys and their types, as its reference has them."""
    with open(RECORD) as f:
        table = f.read().split("## The end line")[0]
    return dict(re.findall(r"^\| `(\w+)` \| ([a-z ]+) \|", table, re.M))


def statement_is_wrong(text, keys):
    """What is wrong with a statement about a record; each names only keys that there are, of the right type."""
    found = STATEMENT.fullmatch(text)
    if not found and not OTHER_STATEMENT.fullmatch(text):
        return "of no known form"
    unknown = [k for k in re.findall(BODY, text) if k not in keys]
    if unknown or not found:
        return unknown
    attribute, key, _, pod = found.group(1, 2, 3, 4)
    if attribute.startswith("rsttrace."):
        return attribute != f"rsttrace.{key}" and "another key's name"
    kind = keys[key] if key else "string"
    if pod and not pod.endswith("_pod"):
        return "only a pod is two names"
    return attribute not in CONVENTIONS.get(kind, ()) and f"the conventions have no such {kind}"


def collector():
    with open(COLLECTOR) as f:
        config = yaml.load(f, strict_loader())
    keys = record_keys()
    check("record-keys", len(keys) > 100, keys)
    for wrong_one in ('set(log.attributes["source.port"], log.body["saddr"])',
                      'set(log.attributes["source.address"], log.body["source"])',
                      'set(log.attributes["source.addr"], log.body["saddr"])',
                      'set(log.attributes["process.pid"], log.body["victim_pid"]) where log.body["sender"] == nil'):
        check("finds-" + re.sub(r"\W+", "-", wrong_one), statement_is_wrong(wrong_one, keys), wrong_one)
    said = {s: statement_is_wrong(s, keys) for s in config["processors"]["transform/record"]["log_statements"]}
    check("statements", said and not any(said.values()), {s: w for s, w in said.items() if w})
    taken = re.findall(r"'body\.(\w+)'", str(config["receivers"]["filelog"]["operators"]))
    check("operators", taken and all(k in keys for k in taken), taken)
    pipelines = config["service"]["pipelines"].values()
    for part in ("receivers", "processors", "exporters"):
        used = {name for p in pipelines for name in p[part]}
        check(f"{part}-used", used == config[part].keys(), (used, config[part].keys()))
    storages = {config["receivers"]["filelog"]["storage"], config["exporters"]["otlp"]["sending_queue"]["storage"]}
    check("extensions", storages == set(config["service"]["extensions"]) == config["extensions"].keys(), storages)


def main():
    global skipped
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    rsttrace = os.path.join(sys.argv[1] if len(sys.argv) > 1 else "build", "rsttrace")
    if yaml:
        form_is_strict()
        kubernetes(rsttrace)
        collector()
    else:
        print("SKIP units: this python has no yaml")
        skipped += 1
    unit(rsttrace)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
