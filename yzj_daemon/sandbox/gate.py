"""What every call passes before it is looked at: address, contract, app, token, quota."""

from ipaddress import ip_address, ip_network

from yzj_daemon.sandbox.exchange import Refusal
from yzj_daemon.sandbox.platform import Platform

CUSTOMER = "customer"
"""Key of the quota that all accounts share."""


def admit_caller(platform: Platform, peer: str) -> None:
    behaviour = platform.behaviour
    if behaviour.contract_expired:
        raise Refusal(114, "app_id expired")
    if behaviour.allow_ips and not _is_listed(peer, behaviour.allow_ips):
        raise Refusal(113, f"ip {peer} is not in whitelist")


def _is_listed(peer: str, entries: tuple[str, ...]) -> bool:
    return "*" in entries or any(ip_address(peer) in ip_network(entry) for entry in entries)


def admit_app(platform: Platform, app_id: str) -> None:
    if app_id != platform.options.app_id:
        raise Refusal(101, "app_id error")


def admit_token(platform: Platform, token: str) -> None:
    code = platform.tokens.fault(token, platform.clock.monotonic())
    if code:
        raise Refusal(code, _TOKEN_TEXTS[code])


_TOKEN_TEXTS = {110: "access_token error", 111: "access_token expired", 112: "access_token empty"}


def admit_send(platform: Platform, account: str) -> None:
    _admit(platform, account, platform.behaviour.sends_per_minute)


def admit_read(platform: Platform) -> None:
    _admit(platform, CUSTOMER, platform.behaviour.reads_per_minute)


def _admit(platform: Platform, key: str, limit: int) -> None:
    if not platform.quota.admits(key, limit, platform.clock.monotonic()):
        raise Refusal(407, "exceed the system limit")
