"""Known vulnerabilities of what is shipped: pip-audit over the lock, and an honest word where it cannot look.

Reads a requirements file from standard input. Exit code 1: something that is shipped has a known vulnerability. Where
the advisories cannot be reached (they are at pypi.org; a mirror of packages has none) that is said loudly and is no
failure: a machine without that way out must still be able to tell whether the program works. pip-audit alone
would pass in silence there.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

ADVISORIES = "https://pypi.org/pypi/{package}/json"
KNOWN_BAD = "pip/20.0"
"""A release of which advisories are known: a registry that tells of none has none."""

PATIENCE = 5
"""Seconds for the first look; pip-audit's own patience with each request is the same."""


def reachable(place: str) -> str:
    """ "" when the advisories answer, else why not."""
    try:
        with urlopen(place.format(package=KNOWN_BAD), timeout=PATIENCE) as answer:
            return "" if json.load(answer).get("vulnerabilities") else "the answer holds no advisories"
    except (URLError, OSError, ValueError) as error:
        return str(error)


def audited(requirements: str) -> list[dict[str, Any]]:
    """What pip-audit says of every requirement. Raises RuntimeError: it says nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        options = ["--disable-pip", "--require-hashes", "--progress-spinner=off", f"--timeout={PATIENCE}"]
        command = [str(Path(sys.executable).with_name("pip-audit")), *options, "--format=json", "-r", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError) as error:
        raise RuntimeError(done.stderr.strip() or done.stdout.strip()) from error
    return found


def verdict(dependencies: list[dict[str, Any]]) -> tuple[int, list[str]]:
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
    why = reachable(place)
    if why:
        print("!" * 100, file=sys.stderr)
        print(f"!! 没有做依赖漏洞审计: 够不到 {place.format(package='…')} ({why})。", file=sys.stderr)
        print(
            "!! Dependencies were NOT audited: the advisories are out of reach.",
            file=sys.stderr,
        )
        print("!" * 100, file=sys.stderr)
        return 0
    code, lines = verdict(audited(requirements))
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
