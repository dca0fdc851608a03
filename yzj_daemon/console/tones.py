"""How good or grave a delivery's state is: the tone of its colour."""

from typing import Final

from yzj_daemon.delivery import State

TONES: Final = {
    State.PENDING: "plain",
    State.SENDING: "plain",
    State.SENT: "good",
    State.CONFIRMED: "good",
    State.UNKNOWN: "doubt",
    State.HELD: "doubt",
    State.FAILED: "bad",
    State.EXPIRED: "bad",
    State.DROPPED: "plain",
}
