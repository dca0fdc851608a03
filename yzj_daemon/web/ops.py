"""The private bind: is it alive, is it ready, what are its numbers."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from yzj_daemon.ops.health import Health
from yzj_daemon.ops.metrics import Metrics


def application(health: Health, metrics: Metrics) -> Starlette:
    """``/healthz`` the loops turn, ``/readyz`` it can work, ``/metrics`` Prometheus text; ``?verbose`` for JSON."""

    async def healthz(request: Request) -> Response:
        alive, detail = health.alive()
        return _answer(request, alive, detail)

    async def readyz(request: Request) -> Response:
        ready, detail = await health.ready()
        return _answer(request, ready, detail)

    scraping = asyncio.Lock()

    async def numbers(_request: Request) -> Response:
        """Beside the loop and one at a time: thousands of series take a while to write, and callbacks do not wait."""
        async with scraping:
            return Response(await asyncio.to_thread(metrics.render), media_type=metrics.content_type)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", numbers),
        ]
    )


def _answer(request: Request, good: bool, detail: dict[str, object]) -> Response:
    status = 200 if good else 503
    if "verbose" in request.query_params:
        return JSONResponse(detail, status_code=status)
    return PlainTextResponse("ok\n" if good else "not ok\n", status_code=status)
