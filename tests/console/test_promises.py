"""The API keeps what its OpenAPI document promises: schemathesis asks it, within the document and beyond."""

import asyncio

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.console.conftest import RULES, TOKEN, Console
from tests.flow.conftest import original, running, take

EXAMPLES = 12
"""Of each operation."""

OPERATIONS = 20

KEPT = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
)


@pytest.fixture
def document(console: Console, make_intake) -> schemathesis.schemas.BaseSchema:
    """Of an API with something to tell."""

    async def received() -> None:
        async with running(make_intake(RULES)) as intake:
            for number, words in enumerate(("我要退款", "谢谢", "再次退款")):
                await take(intake, original(words, id=str(number)))

    asyncio.run(received())
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", console.application)


def test_every_answer_is_as_the_document_says(document: schemathesis.schemas.BaseSchema) -> None:
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) == OPERATIONS
    for operation in operations:
        _ask(operation.as_strategy())


def _ask(cases: SearchStrategy[schemathesis.Case]) -> None:
    @given(case=cases)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        derandomize=True,
        database=None,
    )
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, checks=KEPT)

    ask()
