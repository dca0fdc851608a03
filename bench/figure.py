"""What is measured: figures beside the goal that is stated for them, and curves over what grows."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self


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
        """Measured by goal; at least (at most) 1 where it is reached. None without a goal, or where that is zero."""
        return self.measured / self.goal if self.goal else None

    @property
    def reached(self) -> bool | None:
        if self.goal is None:
            return None
        return self.measured >= self.goal if self.better == "more" else self.measured <= self.goal

    @property
    def places(self) -> int:
        """Digits behind the point: gaps are told to the tenth of a millisecond."""
        return 4 if self.unit == "s" else 2

    def line(self) -> str:
        told = f"{self.what:<52} {self.measured:>11,.{self.places}f} {self.unit:<3}"
        if self.goal is None:
            return told
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return f"{told} {self.goal:>9,.10g} {ratio:>7}  {'yes' if self.reached else 'NO'}"

    def row(self) -> dict[str, object]:
        return {
            "what": self.what,
            "unit": self.unit,
            "measured": round(self.measured, 4),
            "goal": self.goal,
            "better": self.better,
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "reached": self.reached,
        }

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        return cls(row["what"], row["unit"], row["measured"], row["goal"], row["better"])


@dataclass(frozen=True, slots=True)
class Curve:
    """``what`` in ``unit`` over ``over``; ``name`` is that of its picture. Flat is the goal."""

    name: str
    what: str
    unit: str
    over: str
    points: tuple[tuple[float, float], ...]

    def line(self) -> str:
        told = "  ".join(f"{x:,.10g}: {y:,.1f}" for x, y in self.points)
        return f"{self.what} ({self.unit}) over {self.over}\n  {told}"

    def row(self) -> dict[str, object]:
        return {**asdict(self), "points": [[x, round(y, 3)] for x, y in self.points]}

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        return cls(**{**row, "points": tuple((x, y) for x, y in row["points"])})


HEADING = f"{'what':<52} {'measured':>11} {'':<3} {'goal':>9} {'ratio':>7}  reached"
