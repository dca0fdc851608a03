"""What is in deploy/ is well formed by the tools of its trade, and says the same everywhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from yzj_daemon.rules import load as rules
from yzj_daemon.sandbox.platform import AES_KEY, APP_ID, APP_SECRET
from yzj_daemon.settings import load
from yzj_daemon.yzj import payloads

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = DEPLOY / "Containerfile"
COMPOSE = DEPLOY / "compose.yaml"
KUBERNETES = DEPLOY / "kubernetes" / "sidecar.yaml"

USER = 10001
STATE = "/var/lib/yzj-daemon"
RULES = "/etc/yzj-daemon/rules"
SETTINGS = "/etc/yzj-daemon/settings.toml"
LONGEST_STOP = 90
"""Seconds: TimeoutStopSec of the unit."""

YAML_STYLE = (
    "{extends: default, rules: {line-length: {max: 130}, document-start: disable, braces: {max-spaces-inside: 1}, "
    "comments: {min-spaces-from-content: 1}}}"
)


def tool(name: str, *arguments: str | Path) -> str:
    """What the tool of this environment found; it must find nothing."""
    program = Path(sys.executable).parent / name
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))


def kind(name: str) -> dict[str, Any]:
    [found] = [document for document in documents(KUBERNETES) if document["kind"] == name]
    return found


def instructions() -> list[tuple[str, str]]:
    """Of the Containerfile, continued lines joined."""
    text = re.sub(r"^#.*\n", "", CONTAINERFILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for line in text.splitlines() if line for word, _, rest in [line.partition(" ")]]


# By the tools ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(
    shutil.which("hadolint", path=str(Path(sys.executable).parent)) is None,
    reason="there is no hadolint for this kind of machine",
)
def test_the_containerfile_is_good_practice() -> None:
    tool("hadolint", CONTAINERFILE)


def test_the_compose_file_is_one() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


@pytest.mark.parametrize("version", ["1.29", "1.33", "1.37"])
def test_the_kubernetes_manifests_are_known_to_the_versions_they_name(version: str) -> None:
    tool("kubernetes-validate", "--strict", "--quiet", "-k", version, KUBERNETES)


def test_yaml_is_written_well() -> None:
    tool("yamllint", "-d", YAML_STYLE, COMPOSE, KUBERNETES)


def test_the_tools_would_find_a_mistake(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(KUBERNETES.read_text("utf-8").replace("readOnlyRootFilesystem", "readOnlyRoot"), "utf-8")
    with pytest.raises(AssertionError, match="readOnlyRoot"):
        tool("kubernetes-validate", "--strict", wrong)
    wrong.write_text(COMPOSE.read_text("utf-8").replace("read_only", "readonly"), "utf-8")
    with pytest.raises(AssertionError, match="readonly"):
        tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", wrong)


# Among each other ------------------------------------------------------------------------------------------------


def test_all_that_is_copied_into_the_image_is_there_and_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"}
    copied = {
        name
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for name in rest.split()[:-1]
    }
    assert copied == let_through
    assert all((ROOT / name).exists() for name in copied)


def test_uv_is_the_one_of_the_makefile() -> None:
    [made] = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    pinned = (DEPLOY / "uv.txt").read_text("utf-8")
    assert re.findall(r"^uv==(\S+)", pinned, re.MULTILINE) == [made]
    assert "--hash=sha256:" in pinned


def test_the_image_runs_as_nobody_in_particular_with_one_volume() -> None:
    said = dict(instructions())
    assert said["USER"] == f"{USER}:{USER}"
    assert [rest for word, rest in instructions() if word == "VOLUME"] == [STATE]
    assert (said["ENTRYPOINT"], said["CMD"], said["STOPSIGNAL"]) == ('["yzj-daemon"]', '["run"]', "SIGTERM")
    assert "/healthz" in said["HEALTHCHECK"]
    assert load(DEPLOY / "settings.toml", {}, {}).rules.path == Path(RULES)


@pytest.mark.parametrize("name", ["try", "sandbox", "serve", "beside"])
def test_every_service_of_compose_is_confined(name: str) -> None:
    service = documents(COMPOSE)[0]["services"][name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["user"] == f"{USER}:{USER}"
    assert service["stop_grace_period"] == f"{LONGEST_STOP}s"
    places = {written.split(":")[1] for written in service["volumes"]}
    assert name == "sandbox" or {STATE, RULES} <= places


def test_the_try_out_knows_the_sandbox() -> None:
    services = documents(COMPOSE)[0]["services"]
    told = services["try"]["environment"]
    settings = load(DEPLOY / "settings.toml", {}, told).for_run()
    secret, key = settings.callback.secret, settings.callback.aes_key
    assert secret is not None
    assert key is not None
    assert (told["YZJ_API__APP_ID"], told["YZJ_API__APP_SECRET"]) == (APP_ID, APP_SECRET)
    assert key.get_secret_value() == AES_KEY
    url = f"http://try:{settings.callback.port}/callback/{secret.get_secret_value()}"
    assert f"--callback={url}" in services["sandbox"]["command"]
    assert settings.api.base_url == "http://sandbox:8090"
    loaded = rules.load_checked(DEPLOY / "try", payloads.split)
    assert loaded.ruleset is not None


def test_the_sidecar_is_confined_probed_and_given_time() -> None:
    pod = kind("StatefulSet")["spec"]["template"]["spec"]
    [sidecar] = pod["initContainers"]
    assert (sidecar["restartPolicy"], pod["terminationGracePeriodSeconds"]) == ("Always", LONGEST_STOP)
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsNonRoot"]) == (USER, True)
    assert sidecar["securityContext"]["readOnlyRootFilesystem"]
    assert sidecar["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    probes = {name: sidecar[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert probes == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}


def test_rules_are_mounted_so_that_a_change_arrives() -> None:
    pod = kind("StatefulSet")["spec"]["template"]["spec"]
    mounts = {mount["mountPath"]: mount for mount in pod["initContainers"][0]["volumeMounts"]}
    assert {STATE, RULES, SETTINGS} <= mounts.keys()
    assert "subPath" not in mounts[RULES]


def test_callbacks_reach_a_daemon_that_waits_for_its_token_and_a_drain_asks_first() -> None:
    labels = kind("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    service, budget = kind("Service")["spec"], kind("PodDisruptionBudget")["spec"]
    assert service["publishNotReadyAddresses"]
    assert service["selector"] == budget["selector"]["matchLabels"] == labels
    assert budget["minAvailable"] == kind("StatefulSet")["spec"]["replicas"] == 1


def test_what_the_config_maps_hold_can_be_used(tmp_path: Path) -> None:
    maps = {document["metadata"]["name"]: document["data"] for document in documents(KUBERNETES) if "data" in document}
    (tmp_path / "settings.toml").write_text(maps["yzj-daemon-settings"]["settings.toml"], "utf-8")
    (tmp_path / "rules.toml").write_text(maps["yzj-daemon-rules"]["rules.toml"], "utf-8")
    secrets = {"api.app_secret": "s" * 20, "callback.secret": "c" * 20, "callback.aes_key": "k" * 32}
    settings = load(tmp_path / "settings.toml", secrets, {}).for_run()
    assert (settings.rules.path, settings.ops.host) == (Path(RULES), "0.0.0.0")
    assert rules.load(tmp_path / "rules.toml").ruleset is not None
