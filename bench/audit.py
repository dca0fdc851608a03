"""Whether what was acknowledged is stored, as the daemon's own command sees it."""

import json
import os
import subprocess
import sys


def received(environ: dict[str, str]) -> int:
    """How many messages are stored, in books that balance."""
    done = subprocess.run(
        [sys.executable, "-m", "yzj_daemon", "audit", "--json"],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"the books do not balance:\n{done.stdout}{done.stderr}")
    return int(json.loads(done.stdout)["received"])
