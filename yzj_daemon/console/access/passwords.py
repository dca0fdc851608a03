"""Passwords: which role one opens. The setting holds it in plain text or as an argon2 hash."""

import secrets
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final

from yzj_daemon.console.access.visitor import Role

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LONGEST: Final = 1_024
"""Characters of a password; longer ones only cost."""


class Passwords:
    """``operator``, ``viewer``: what the settings say; None opens nothing. The first that fits gives the role.

    Slow, on purpose: to be asked in a thread. One at a time, so that many guesses at once take no more of the machine.
    """

    def __init__(self, operator: str | None, viewer: str | None) -> None:
        given: tuple[tuple[Role, str | None], ...] = (("operator", operator), ("viewer", viewer))
        self._known: dict[Role, str] = {role: password for role, password in given if password is not None}
        self._one_at_a_time = Lock()

    @property
    def any(self) -> bool:
        return bool(self._known)

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        from argon2 import PasswordHasher  # loaded when somebody knocks

        return PasswordHasher()

    def role(self, written: str) -> Role | None:
        """The role that this password opens. It takes as long to say no as yes: all are compared."""
        with self._one_at_a_time:
            opened = [role for role, known in self._known.items() if self._fits(known, written[: LONGEST + 1])]
        return opened[0] if opened else None

    def _fits(self, known: str, written: str) -> bool:
        if len(written) > LONGEST:
            return False
        if not known.startswith("$argon2"):
            # a plain one is hashed as well: an answer must not come faster because of how the setting is written
            return bool(self._hasher.hash(written)) and secrets.compare_digest(known.encode(), written.encode())
        from argon2.exceptions import VerificationError

        try:
            return self._hasher.verify(known, written)
        except VerificationError:
            return False
