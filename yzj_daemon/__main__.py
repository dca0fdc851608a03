"""``yzj-daemon``, and ``python -m yzj_daemon``."""

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yzj_daemon.web.porter import Porter


def main() -> None:
    from yzj_daemon.cli import checked

    line = sys.argv[1:]
    if checked.is_asked(line) and checked.note(line, os.environ) is not None:
        return
    porter = _porter(line)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # they would be looked for in every package there is
    gc.disable()  # what is loaded is there to stay: to look through it for garbage would take a sixth of the loading
    try:
        from yzj_daemon.cli import app

        gc.freeze()
        gc.enable()
        sys.exit(app.main(line, os.environ, porter))
    finally:
        if porter is not None:
            porter.close()


def _porter(line: Sequence[str]) -> "Porter | None":
    """As a service whose settings did not change: somebody at the door before anything else is loaded."""
    if "run" not in line or "LISTEN_FDS" not in os.environ:
        return None
    from yzj_daemon.cli import checked
    from yzj_daemon.web import porter

    note = checked.note(line, os.environ)
    return porter.posted(porter.Order.read(note["door"])) if note is not None else None


if __name__ == "__main__":
    main()
