"""Who may call."""

import pytest

from yzj_daemon.web.sources import Sources, networks


def test_no_list_means_anybody():
    assert Sources().verdict("203.0.113.9") == "allowed"
    assert Sources().verdict(None) == "allowed"


@pytest.mark.parametrize(
    ("peer", "verdict"),
    [
        ("10.1.2.3", "allowed"),
        ("10.2.0.1", "denied"),
        ("2001:db8::1", "allowed"),
        ("::ffff:10.1.0.1", "allowed"),
        ("not an address", "denied"),
        (None, "denied"),
    ],
)
def test_networks(peer, verdict):
    assert Sources(networks=networks(["10.1.0.0/16", "2001:db8::/32"])).verdict(peer) == verdict


def test_the_vendors_list_decides_once_it_is_known():
    sources = Sources(networks=networks(["10.0.0.0/8"]), vendor=True)
    assert sources.verdict("203.0.113.9") == "undecided"
    assert sources.verdict("10.0.0.1") == "allowed"
    sources.publish(["203.0.113.9", "rubbish"])
    assert sources.verdict("203.0.113.9") == "allowed"
    assert sources.verdict("203.0.113.10") == "denied"


def test_only_a_trusted_proxy_is_believed():
    sources = Sources(networks=networks(["203.0.113.0/24"]), trusted_proxies=networks(["127.0.0.0/8"]))
    assert sources.verdict("127.0.0.1", ["203.0.113.9"]) == "allowed"
    assert sources.verdict("198.51.100.1", ["203.0.113.9"]) == "denied"


def test_a_forged_hop_before_the_proxys_own_is_not_believed():
    sources = Sources(networks=networks(["203.0.113.0/24"]), trusted_proxies=networks(["127.0.0.0/8"]))
    assert sources.verdict("127.0.0.1", ["203.0.113.9, 198.51.100.1"]) == "denied"
    assert sources.verdict("127.0.0.1", ["198.51.100.1, 203.0.113.9, 127.0.0.2"]) == "allowed"
    assert sources.verdict("127.0.0.1", ["203.0.113.9", "198.51.100.1"]) == "denied"


def test_rubbish_in_forwarded_for_is_denied():
    sources = Sources(networks=networks(["203.0.113.0/24"]), trusted_proxies=networks(["127.0.0.0/8"]))
    assert sources.verdict("127.0.0.1", ["unknown"]) == "denied"


def test_a_network_that_is_none_is_an_error():
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        networks(["10.0.0.0/99"])
