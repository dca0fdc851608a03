"""``yzj-daemon``, and ``python -m yzj_daemon``."""

import sys


def main() -> None:
    from yzj_daemon.cli import app

    sys.exit(app.main())


if __name__ == "__main__":
    main()
