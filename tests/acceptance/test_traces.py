"""Traces from the real process to a real collector, which reads the protobuf: also over a restart."""

import asyncio
import gzip

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.acceptance.conftest import CLOUD, ROOM, WANG, start, text, until
from tests.receiver import Receiver, receiving
from yzj_daemon.ops import traces
from yzj_daemon.sandbox.incoming import Inject

ONE = f'["{CLOUD}"]'


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


def spans(receiver: Receiver) -> dict[str, list]:
    """By name."""
    found: dict[str, list] = {}
    for _, path, body in receiver.requests:
        assert path == "/v1/traces"
        told = ExportTraceServiceRequest.FromString(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
        for resource in told.resource_spans:
            about = {a.key: a.value.string_value for a in resource.resource.attributes}
            assert about["service.name"] == "yzj-daemon"
            for scope in resource.scope_spans:
                for span in scope.spans:
                    found.setdefault(span.name, []).append(span)
    return found


async def test_a_message_has_one_trace_from_its_receipt_to_the_answer_also_over_a_restart(
    make_daemon, platform, receiver
):
    daemon = make_daemon(accounts=ONE, traces__endpoint=f"{receiver.url}/v1/traces", forward__pace="3")
    daemon.extra = {"OTEL_BSP_SCHEDULE_DELAY": "200"}
    await start(daemon, platform, own_copies="none")
    said = [
        Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(f"绝密{n}"), svrid=f"m{n}") for n in range(2)
    ]
    await platform.inject(*said, wait=True)
    await until(lambda: len(spans(receiver).get("receive", [])) == 2)
    await asyncio.to_thread(daemon.stop)
    await asyncio.to_thread(daemon.start)
    await until(lambda: len(spans(receiver).get("forward", [])) == 2)
    daemon.stop()
    found = spans(receiver)
    assert {name: len(of) for name, of in found.items()} == {"receive": 2, "decide": 2, "wait in lane": 2, "forward": 2}
    for n in range(2):
        trace, first = traces.ids(CLOUD, f"m{n}")
        mine = {name: [s for s in of if s.trace_id == trace.to_bytes(16)] for name, of in found.items()}
        assert {name: len(of) for name, of in mine.items()} == dict.fromkeys(found, 1)
        [receive], [decide], [wait], [forward] = (mine[k] for k in ("receive", "decide", "wait in lane", "forward"))
        assert receive.span_id == first.to_bytes(8)
        assert not receive.parent_span_id
        assert {s.parent_span_id for s in (decide, wait, forward)} == {receive.span_id}
        assert receive.start_time_unix_nano <= decide.start_time_unix_nano <= receive.end_time_unix_nano
        assert wait.end_time_unix_nano == forward.start_time_unix_nano <= forward.end_time_unix_nano
        assert {a.key: a.value.string_value for a in forward.attributes}["yzj.outcome"] == "sent"
    whole = b"".join(body if body[:2] != b"\x1f\x8b" else gzip.decompress(body) for _, _, body in receiver.requests)
    assert "绝密".encode() not in whole


async def test_a_collector_that_hangs_keeps_nothing_waiting(make_daemon, platform, receiver):
    receiver.delay = 30
    daemon = make_daemon(accounts=ONE, traces__endpoint=f"{receiver.url}/v1/traces", forward__pace="0.05")
    await start(daemon, platform, own_copies="none")
    said = [Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(f"{n}")) for n in range(10)]
    await platform.inject(*said, wait=True)
    await until(lambda: len(daemon.deliveries("sent")) == 10)
    assert (await platform.stats())["pushes"]["outcomes"] == {"answered": 10}
    assert await asyncio.to_thread(daemon.stop) == 0


async def test_off_nothing_of_it_is_loaded_nor_of_apprise(make_daemon, platform, receiver):
    daemon = make_daemon(accounts=ONE, alerts__urls=receiver.alerts)
    daemon.extra = {"PYTHONPROFILEIMPORTTIME": "1"}
    await start(daemon, platform)
    loaded = daemon.log_file.read_text()
    assert "sqlalchemy" in loaded
    assert [name for name in ("opentelemetry", "protobuf", "apprise", "requests") if f" {name}" in loaded] == []
