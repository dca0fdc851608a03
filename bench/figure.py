"""One measured figure beside the goal that is stated for it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """``better``: which side of ``goal`` is the good one; without a goal the figure stands for itself."""

    what: str
    unit: str
    measured: float
    goal: float | None = None
    better: Literal["more", "less"] = "more"

    @property
    def ratio(self) -> float | None:
        """Measured by goal; at least (at most) 1 where it is reached."""
        return None if self.goal is None else self.measured / self.goal

    @property
    def reached(self) -> bool | None:
        if self.goal is None:
            return None
        return self.measured >= self.goal if self.better == "more" else self.measured <= self.goal

    def line(self) -> str:
        told = f"{self.what:<44} {self.measured:>11,.2f} {self.unit:<3}"
        if self.goal is None:
            return told
        return f"{told} {self.goal:>9,.10g} {self.ratio:>7.2f}  {'yes' if self.reached else 'NO'}"

    def row(self) -> dict[str, object]:
        return {
            "what": self.what,
            "unit": self.unit,
            "measured": round(self.measured, 3),
            "goal": self.goal,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "reached": self.reached,
        }


HEADING = f"{'what':<44} {'measured':>11} {'':<3} {'goal':>9} {'ratio':>7}  reached"
