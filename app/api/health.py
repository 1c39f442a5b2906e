"""Is the process alive, and can it do its work."""

from asyncio import wait_for
from typing import Final

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import Response

from app.api.call import Service
from app.errors import Unavailable

READY_SECONDS: Final = 1.0


async def live(_service: Service, _request: Request) -> Response:
    """200 without touching anything else."""
    return _status("live")


async def ready(service: Service, _request: Request) -> Response:
    """200 when the database answers within a second, else 503."""
    work = service.context.store.run(lambda connection: connection.execute(select(1)).scalar_one())
    try:
        await wait_for(work, READY_SECONDS)
    except Exception:  # noqa: BLE001 - whatever the driver raises, the answer is: not ready
        raise Unavailable(
            "The database does not answer.", code="database-unavailable", headers={"Retry-After": "5"}
        ) from None
    return _status("ready")


def _status(name: str) -> Response:
    return Response(b'{"status":"%b"}' % name.encode(), media_type="application/json")
