"""The store, intake and rules of the flow tests, behind the public door."""

from tests.flow.conftest import clock, make_intake, metrics, store, url

__all__ = ["clock", "make_intake", "metrics", "store", "url"]
