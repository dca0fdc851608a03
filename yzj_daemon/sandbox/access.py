"""Who may call: tokens (vendor page 11490694073951972) and calls per minute (11490690941344440)."""

import secrets
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tokens:
    """Tokens issued, with the monotonic second at which each expires."""

    _expiry: dict[str, float] = field(default_factory=dict)
    issued: int = 0

    def issue(self, now: float, lifetime_s: int, *, voids_old: bool) -> str:
        if voids_old:
            self._expiry.clear()
        token = secrets.token_hex(24)
        self._expiry[token] = now + lifetime_s
        self.issued += 1
        return token

    def fault(self, token: str, now: float) -> int:
        """0 for a good token, else the vendor's code: 110 wrong, 111 expired, 112 empty."""
        if not token:
            return 112
        expiry = self._expiry.get(token)
        if expiry is None:
            return 110
        return 0 if now < expiry else 111

    def expire(self) -> int:
        """All tokens are out of date from now on. Answers how many."""
        for token in self._expiry:
            self._expiry[token] = float("-inf")
        return len(self._expiry)


@dataclass(slots=True)
class Quota:
    """Calls in the present minute, per key (an account, or the customer)."""

    _minute: int = -1
    _used: dict[str, int] = field(default_factory=dict)

    def admits(self, key: str, limit: int, now: float) -> bool:
        """Counts a call and tells whether it is within ``limit`` (0: no limit). ``now`` is in monotonic seconds."""
        minute = int(now // 60)
        if minute != self._minute:
            self._minute = minute
            self._used.clear()
        used = self._used.get(key, 0)
        if limit and used >= limit:
            return False
        self._used[key] = used + 1
        return True
