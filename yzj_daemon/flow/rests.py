"""Cooldowns: after a match, a rule rests for a while, for everybody or for one sender or chat."""

from collections.abc import Callable

from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.message import Message
from yzj_daemon.rules.ruleset import Rule

Key = tuple[str, str]
"""A rule's id, and the sender or chat it rests for; "" for all."""


def nobody_rested(_rule: str, _key: str) -> Millis:
    return 0


class Rests:
    """Which rules rest now. ``known`` answers until when (ms) a rule rested before; 0 when it did not."""

    def __init__(self, known: Callable[[str, str], Millis] = nobody_rested) -> None:
        self.begun: dict[Key, Millis] = {}
        """Rests that began here, and their ends: what is to be remembered."""
        self._known = known
        self._until: dict[Key, Millis] = {}

    def left(self, rule: Rule, message: Message, at: Millis) -> str:
        """How long the rule still rests for this message, in words; "" when it does not."""
        if not rule.cooldown:
            return ""
        key = _key(rule, message)
        if key not in self._until:
            self._until[key] = self._known(*key)
        left = self._until[key] - at
        # a rest longer than the rule asks for was begun under a clock that was set back, or by an earlier rule set
        if not 0 < left <= rule.cooldown:
            return ""
        return f"once in {rule.cooldown // SECOND} s per {rule.cooldown_by}; {-(-left // SECOND)} s left"

    def begin(self, rule: Rule, message: Message, at: Millis) -> None:
        """The rule matched at ``at``."""
        if rule.cooldown:
            key = _key(rule, message)
            self._until[key] = self.begun[key] = at + rule.cooldown


def _key(rule: Rule, message: Message) -> Key:
    match rule.cooldown_by:
        case "rule":
            return rule.id, ""
        case "sender":
            return rule.id, message.sender
        case "chat":
            return rule.id, message.chat
