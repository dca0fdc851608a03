"""The first thing anybody runs."""

import os
import subprocess
import sys


def test_the_demo_plays_forwards_and_balances(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "yzj_daemon", "--lang", "zh", "demo", "--once"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "账目平衡" in done.stdout
    assert "原文都一字节不差" in done.stdout
    assert done.stdout.count("forwardMsg") >= 6
    assert (tmp_path / "demo" / "rules.toml").exists()
