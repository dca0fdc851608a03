"""Who is in: a name for the audit trail, and what they may do."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["viewer", "operator"]
"""A viewer looks; an operator also acts."""


@dataclass(frozen=True, slots=True)
class Visitor:
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
