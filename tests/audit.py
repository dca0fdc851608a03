"""Known vulnerabilities of what is shipped: pip-audit over the lock, and an honest word where it cannot look.

Reads a requirements file from standard input. Exit code 1: something that is shipped has a known vulnerability.

pip-audit asks pypi.org about each release. A mirror may answer only what pypi.org says of a project, which holds
the advisories of its newest release: then these are asked, and what is pinned to an older release is named as not
looked at. Where no advisories can be reached at all, that is said loudly and is no failure: a machine without that
way out must still be able to tell whether the program works. pip-audit alone would pass in silence there.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

ADVISORIES = "https://pypi.org/pypi/{package}/json"
RELEASE_KNOWN_BAD = "pip/20.0"
PROJECT_KNOWN_BAD = "pycrypto"
"""A release, and a project left alone for good, of which advisories are known: a registry that tells none has none."""

PATIENCE = 5
"""Seconds for the first look; pip-audit's own patience with each request is the same."""

AT_ONCE = 8
"""Requests at one time."""

Found = dict[str, Any]
"""What is said of one requirement, in pip-audit's words: ``name``, ``version``, ``vulns``, or a ``skip_reason``."""


def told(place: str, package: str) -> Found:
    """What the registry says of a project ("pip") or a release ("pip/20.0").

    Raises:
        OSError, ValueError: nothing, or nothing readable.
    """
    with urlopen(place.format(package=package), timeout=PATIENCE) as answer:
        said: Found = json.load(answer)
    return said


def reachable(place: str, known_bad: str) -> str:
    """ "" when the advisories answer, else why not."""
    try:
        return "" if told(place, known_bad).get("vulnerabilities") else "the answer holds no advisories"
    except (URLError, OSError, ValueError) as error:
        return str(error)


def audited(requirements: str) -> list[Found]:
    """What pip-audit says of every requirement. Raises RuntimeError: it says nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        options = ["--disable-pip", "--require-hashes", "--progress-spinner=off", f"--timeout={PATIENCE}"]
        command = [str(Path(sys.executable).with_name("pip-audit")), *options, "--format=json", "-r", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: list[Found] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        raise RuntimeError(done.stderr.strip() or done.stdout.strip()) from error
    return found


def asked(requirements: str, place: str) -> list[Found]:
    """What the registry says of the newest release of every project that is required."""
    with ThreadPoolExecutor(AT_ONCE) as several:
        return list(several.map(lambda pin: _of_newest(place, *pin), pins(requirements)))


def pins(requirements: str) -> Iterator[tuple[str, str]]:
    """Name and version of every requirement."""
    for pin in re.finditer(r"^([\w.-]+)==([^\s;\\]+)", requirements, re.MULTILINE):
        yield pin[1], pin[2]


def _of_newest(place: str, name: str, version: str) -> Found:
    try:
        said = told(place, name)
    except (URLError, OSError, ValueError) as error:
        return {"name": name, "skip_reason": str(error)}
    if (newest := said["info"]["version"]) != version:
        return {"name": name, "skip_reason": f"{version} is locked, and only the newest, {newest}, can be asked about"}
    bugs = [bug for bug in said["vulnerabilities"] if not bug.get("withdrawn")]
    return {
        "name": name,
        "version": version,
        "vulns": [{"id": bug["id"], "fix_versions": bug.get("fixed_in", [])} for bug in bugs],
    }


def verdict(dependencies: list[Found]) -> tuple[int, list[str]]:
    """The exit code and what to say."""
    lines = [
        f"{one['name']} {one['version']}: {bug['id']}, 修复于 fixed in {', '.join(bug['fix_versions']) or '?'}"
        for one in dependencies
        for bug in one.get("vulns", ())
    ]
    unseen = [one for one in dependencies if "skip_reason" in one]
    skipped = [f"{one['name']}: 没有查 not looked at: {one['skip_reason']}" for one in unseen]
    if lines:
        return 1, [*lines, *skipped, "有已知漏洞, 请升级版本 · known vulnerabilities: raise the versions"]
    return 0, [*skipped, f"依赖审计: {len(dependencies) - len(unseen)} 个包没有已知漏洞 · audited, nothing known"]


def main(place: str = ADVISORIES) -> int:
    requirements = sys.stdin.read()
    if not reachable(place, RELEASE_KNOWN_BAD):
        found = audited(requirements)
    elif why := reachable(place, PROJECT_KNOWN_BAD):
        print("!" * 100, file=sys.stderr)
        print(f"!! 没有做依赖漏洞审计: 够不到 {place.format(package='…')} ({why})。", file=sys.stderr)
        print("!! Dependencies were NOT audited: the advisories are out of reach.", file=sys.stderr)
        print("!" * 100, file=sys.stderr)
        return 0
    else:
        found = asked(requirements, place)
    code, lines = verdict(found)
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
