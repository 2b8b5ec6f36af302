"""The host fills in parameters by their type, in whatever form an author writes that type."""

from typing import Annotated, Any, Optional, Union

import pytest
from anyio import fail_after

from hallway.access.callers import Caller
from hallway.supply import CallContext, SuppliedTypes

CONTEXT = CallContext("gauges", Caller("urn:hallway:user:alice", "alice"))


class Run: ...


class LongRun(Run): ...


@pytest.fixture
def types() -> SuppliedTypes:
    supplied = SuppliedTypes()
    supplied.register(Caller, lambda call: call.caller)
    supplied.register(Run, lambda _call: Run())
    return supplied


@pytest.mark.parametrize(
    "annotation",
    [
        Run,
        Run | None,
        Optional[Run],  # noqa: UP045 - the old spelling is what is tested
        Union[None, Run],  # noqa: UP007
        Annotated[Run, "of mine"],
        Annotated[Run | None, "of mine"],
        Optional[Annotated[Run, "of mine"]],  # noqa: UP045
    ],
)
def test_a_supplied_type_is_found_in_every_way_of_writing_it(types: SuppliedTypes, annotation: Any) -> None:
    assert types.supplied_type(annotation) is Run


@pytest.mark.parametrize(
    "annotation", [int, LongRun, list[Run], Run | Caller, Run | int, type[Run], Any, "Run", None, 5]
)
def test_other_annotations_are_left_to_the_caller(types: SuppliedTypes, annotation: Any) -> None:
    assert types.supplied_type(annotation) is None


def test_a_type_is_registered_once(types: SuppliedTypes) -> None:
    with pytest.raises(ValueError, match="Run"):
        types.register(Run, lambda _call: Run())


@pytest.mark.anyio
async def test_a_supplier_may_wait(types: SuppliedTypes) -> None:
    made = LongRun()

    async def make(call: CallContext) -> LongRun:
        assert call is CONTEXT
        return made

    types.register(LongRun, make)
    with fail_after(5):
        assert await types.supply(LongRun, CONTEXT) is made
        assert await types.supply(Caller, CONTEXT) is CONTEXT.caller
