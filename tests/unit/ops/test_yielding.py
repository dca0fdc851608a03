"""What is set for a while is put back, whoever goes last."""

import sys
from itertools import permutations

import pytest

from yzj_daemon.ops.yielding import SWITCH_EVERY, giving_way


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_last_to_go_puts_the_interval_back_in_whatever_order_they_end(order: tuple[int, ...]) -> None:
    usual = sys.getswitchinterval()
    asking = [giving_way() for _ in range(3)]
    for one in asking:
        one.__enter__()
    for number in order:
        assert sys.getswitchinterval() == pytest.approx(SWITCH_EVERY)
        asking[number].__exit__(None, None, None)
    assert sys.getswitchinterval() == usual
