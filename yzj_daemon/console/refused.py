"""What the console does not do, and why: a problem with the status that HTTP has for it."""

from collections.abc import Mapping

from yzj_daemon.console.words import WORDS
from yzj_daemon.errors import Phrase, Problem, StoreProblem, UsageProblem


class Refused(Problem):
    def __init__(
        self, status: int, what: Phrase, todo: Phrase | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(what, todo)
        self.status = status
        self.headers = dict(headers or {})


def refused(status: int, name: str, **told: object) -> Refused:
    """With the words of the catalogue."""
    word = WORDS[name]
    return Refused(status, Phrase(word.zh.format(**told), word.en.format(**told)))


def status_of(problem: Problem) -> int:
    match problem:
        case Refused():
            return problem.status
        case UsageProblem():
            return 400
        case StoreProblem():
            return 503
        case _:
            return 500
