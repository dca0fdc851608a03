"""Who is in: a name for the audit trail, and what they may do."""

from typing import Literal

import msgspec

Role = Literal["viewer", "operator"]
"""A viewer looks; an operator also acts."""


class Visitor(msgspec.Struct, frozen=True):
    """``name`` is as they gave it; ``csrf`` is what their browser must send along with whatever changes something."""

    name: str
    role: Role
    csrf: str

    @property
    def who(self) -> str:
        """As the audit trail names them, apart from those who typed a command on the machine."""
        return f"console:{self.name}"

    def may(self, role: Role) -> bool:
        return role == "viewer" or self.role == "operator"
