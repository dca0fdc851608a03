"""One run of one command, and the one place where what goes wrong becomes words and an exit code."""

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from yzj_daemon.cli import language, line, output, start
from yzj_daemon.cli.session import Session
from yzj_daemon.errors import Lang, Phrase, Problem

if TYPE_CHECKING:
    from yzj_daemon.web.porter import Porter

INTERRUPTED = 130
"""What a shell reports of a command that Ctrl-C ended."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_OURS = Phrase(
    "yzj-daemon: 这是程序自己的错误, 请把以上内容(其中的密钥已遮住)报告给我们",
    "yzj-daemon: this is a mistake of the program; please report what stands above (known secrets are masked)",
)


def main(
    args: Sequence[str] | None = None, environ: Mapping[str, str] | None = None, porter: "Porter | None" = None
) -> int:
    """Run one command; answers its exit code. ``porter`` stands at the door already, for ``run``."""
    args = sys.argv[1:] if args is None else args
    written = line.Line.of(args)
    environ = os.environ if environ is None else environ
    session = Session(lang=language.choose(written.lang, environ), environ=environ, porter=porter, words=args)
    try:
        return _invoke(written, session)
    except Problem as problem:
        return _told(problem, session.lang)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_the_output()  # the reader (head, less) has seen enough
        return 0
    except OSError as error:
        if error.errno not in _FULL:
            return _surprised(error, session)
        _let_go_of_the_output()
        return _told(_no_room(error), session.lang)
    except Exception as surprise:  # noqa: BLE001 - Python itself would show what its text holds, secrets too
        return _surprised(surprise, session)


def _let_go_of_the_output() -> None:
    """The interpreter must not flush into it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _no_room(error: OSError) -> Problem:
    return Problem(
        Phrase(f"写不下: {error.strerror}; 输出不完整", f"no room to write: {error.strerror}; the output is not whole"),
        Phrase("腾出磁盘空间, 再来一次", "make room on the disk, and do it again"),
    )


def _invoke(written: line.Line, session: Session) -> int:
    written.check_lang()
    session.lang_asked = bool(written.lang)
    session.config = written.config
    session.overrides = written.overrides
    output.never_fail()
    if start.is_asked(written.others):
        start.daemon(session, dry_run=start.DRY_RUN in written.others)
        code = 0
    else:
        from yzj_daemon.cli import commands

        code = commands.carry_out(written, session)
    sys.stdout.flush()
    return code


def _surprised(surprise: Exception, session: Session) -> int:
    """A mistake of ours: all that helps to mend it, without secrets."""
    import traceback

    from yzj_daemon.ops.redaction import Redaction

    text = Redaction(session.secrets()).text("".join(traceback.format_exception(surprise)))
    sys.stderr.write(text + _OURS.to(session.lang) + "\n")
    return 1


def _told(problem: Problem, lang: Lang) -> int:
    told = "\n".join(output.visible(text) for text in problem.to(lang).split("\n"))
    sys.stderr.write(f"yzj-daemon: {told}\n")
    return problem.exit_code
