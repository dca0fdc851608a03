r"""Originals of every ``msg_type`` the vendor's pages list, as nasty as JSON may be while still being valid.

Only the content of text, link, program and card is known (section 5.3 of the contract); the others are plausible.
What is odd in them is on purpose, for a forwarder must not touch it: integers beyond 2^53, ``1.0`` and ``1E400``,
escapes where none are needed, half of a surrogate pair as a cut emoji leaves it, white space between tokens, keys
that come twice, keys that no client knows.
"""

from dataclasses import dataclass

from yzj_daemon.sandbox.incoming import Inject


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """``content`` is exact JSON text; ``members`` further members of the element, also exact."""

    name: str
    type: str
    content: str
    members: str = ""

    def sent(self, chat: str, sender: str, account: str = "") -> Inject:
        """The sample as a message to inject."""
        return Inject(
            chat=chat,
            sender=sender,
            account=account,
            type=self.type,
            content_raw=self.content,
            members_raw=self.members,
        )


def nested_merge(depth: int) -> str:
    """Content of a merge that holds a merge that holds …, ``depth`` deep."""
    opening = '{"title":"群聊的聊天记录","items":[{"msg_type":"merge","content":'
    innermost = '{"title":"最里面","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"底"}]}}]}'
    return opening * depth + innermost + "}]}" * depth


SAMPLES: tuple[Sample, ...] = (
    Sample(
        name="text",
        type="text",
        content='{"items":[{"type":"text","text":"你好,我要退款"}]}',
    ),
    Sample(
        name="text in several items, with an emoji",
        type="text",
        content='{"items":[{"type":"text","text":"我要退"},{"type":"emotion","text":"[微笑]"},'
        '{"type":"text","text":"款 😀"}],"at_list":["1688850000000001"]}',
    ),
    Sample(
        name="text with a cut emoji and needless escapes",
        type="text",
        content=r'{"items":[{"type":"text","text":"\u6295\u8bc9 \/ caf\u00e9 \ud83d"}],"\u0074race":"\ud83d\ude00"}',
        members=r'"push_seq":18446744073709551616,"cut":"\udc00"',
    ),
    Sample(
        name="text with numbers that no double holds",
        type="text",
        content='{ "items" : [ {"text":"投诉", "type":"text"} ] ,\n  "seq":9007199254740993, "ratio":1.0, "huge":1E400,'
        ' "tiny":-0.0e-7, "big":123456789012345678901234567890 }',
        members='"server_seq":9007199254740993,"weight":1.0',
    ),
    Sample(
        name="text with keys that come twice",
        type="text",
        content='{"items":[{"type":"text","text":"旧"}],"z":1,"a":2,"items":[{"type":"text","text":"退款"}],"z":{}}',
        members='"client_extra":{"k":1,"k":2}',
    ),
    Sample(
        name="announcement",
        type="announcement",
        content='{"title":"群公告","text":"本周六停机维护","publisher":"7881300000000001","publish_time":1641280299}',
    ),
    Sample(
        name="picture",
        type="picture",
        content='{"url":"https:\\/\\/cdn.example.com\\/p\\/1.jpg?sign=a%2Bb&t=1","md5":"9e107d9d372bb6826bd81d3542a419d6",'
        '"width":1080,"height":2400,"size":184467440737095516,"file_id":"308188020102"}',
    ),
    Sample(
        name="link",
        type="link",
        content='{"url":"https://example.com/a?b=1&c=2#d","title":"年终大促","desc":"满 100 减 50","cover":""}',
    ),
    Sample(
        name="voice",
        type="voice",
        content='{"url":"https://cdn.example.com/v/1.silk","duration":12.50,"size":20480,"text":""}',
    ),
    Sample(
        name="video",
        type="video",
        content='{"url":"https://cdn.example.com/m/1.mp4","cover":"https://cdn.example.com/m/1.jpg","duration":31,'
        '"size":73400320,"aes_key":"0a0b","extra":null}',
    ),
    Sample(
        name="file",
        type="file",
        content='{"name":"报价单 (终版).xlsx","file_name":"报价单 (终版).xlsx","size":9007199254740992001,'
        '"url":"https://cdn.example.com/f/1","md5":""}',
    ),
    Sample(
        name="program",
        type="program",
        content='{"title":"下单小程序","cover":"https://cdn.example.com/c.png","page":"pages/index?id=1",'
        '"org_content":{"page":"pages/index?id=1","appid":"wx0000000000000001","version":1.0}}',
    ),
    Sample(
        name="program whose original is a string",
        type="program",
        content=r'{"title":"报名","cover":"","page":"p","org_content":"{\"page\":\"p\",\"n\":9007199254740993}"}',
    ),
    Sample(
        name="card",
        type="card",
        content='{"wxid":"7881300000000003","nickname":"李客户","avatar":"https://wx.example.com/0","corp_wxid":"",'
        '"corp_name":"微信"}',
    ),
    Sample(
        name="channel",
        type="channel",
        content='{"nickname":"官方视频号","title":"新品发布","desc":"新品发布\\n#上新","url":"https://channels.example.com/1",'
        '"object_id":14123456789012345678,"nonce_id":"1_0_140_2_0"}',
    ),
    Sample(
        name="system",
        type="system",
        content='{"text":"\\"王客户\\"邀请\\"李客户\\"加入了群聊","sub_type":1011}',
    ),
    Sample(
        name="revoke",
        type="revoke",
        content='{"text":"王客户撤回了一条消息","revoke_svrid":"7999999999999999999","revoke_wx_svrid":1999999999999999999}',
    ),
    Sample(
        name="location",
        type="location",
        content='{"title":"人民广场","address":"上海市黄浦区","latitude":31.230390000000000,"longitude":121.473702,'
        '"zoom":15.0}',
    ),
    Sample(
        name="redpacket",
        type="redpacket",
        content='{"title":"恭喜发财,大吉大利","type":1,"order_id":"1000050001202601010000000000001"}',
    ),
    Sample(
        name="emotionpic",
        type="emotionpic",
        content='{"url":"https:\\/\\/wx.example.com\\/e.gif","md5":"d41d8cd98f00b204e9800998ecf8427e","type":2}',
    ),
    Sample(
        name="imgtext",
        type="imgtext",
        content='{"articles":[{"title":"头条","desc":"第一篇","url":"https://mp.example.com/1","cover":""},'
        '{"title":"次条","desc":"第二篇","url":"https://mp.example.com/2","cover":""}]}',
    ),
    Sample(
        name="merge",
        type="merge",
        content='{"title":"王客户和李客户的聊天记录","desc":"王客户: 我要退款\\n李客户: [图片]","items":['
        '{"nickname":"王客户","avatar":"","msg_type":"text","msg_time":1641280200000,'
        '"content":{"items":[{"type":"text","text":"我要退款"}]}},'
        '{"nickname":"李客户","avatar":"","msg_type":"picture","msg_time":1641280201000,'
        '"content":{"url":"https://cdn.example.com/p/2.jpg","file_id":"30818802010204"}}]}',
    ),
    Sample(
        name="merge inside a merge",
        type="merge",
        content='{"title":"群聊的聊天记录","desc":"老板: [聊天记录]","items":[{"nickname":"老板","msg_type":"merge",'
        '"msg_time":1641280299000,"content":{"title":"客户一群的聊天记录","items":[{"nickname":"王客户","msg_type":"text",'
        '"msg_time":1641280100000,"content":{"items":[{"type":"text","text":"投诉到底"}]}},{"nickname":"李客户",'
        '"msg_type":"merge","content":{"title":"更早的","items":[{"msg_type":"text","content":{"items":[{"type":"text",'
        '"text":"最早的一句"}]}}]}}]}}]}',
    ),
    Sample(
        name="merge with everything odd at once",
        type="merge",
        content='{"title":"聊天记录","title":"\\u804a\\u5929\\u8bb0\\u5f55 \\ud83d","record_id":18014398509481985,\n'
        '\t"items" : [ { "content":{"items":[{"text":"退\\u6b3e","type":"text"}]},"msg_type":"text","n":1.0,"n":1.00} ,'
        ' {"msg_type":"unheard_of","content":[[[]],{},null,true,-0,1E400]} ],"":"","\\u0000":"\\u0001"}',
        members='"unknown_member":[1.0,{"x":9007199254740993}]',
    ),
    Sample(
        name="merge as opaque XML",
        type="merge",
        content=r'{"title":"聊天记录","xml":"<recordinfo><title>聊天记录<\/title><datalist count=\"1\">'
        r'<dataitem><datadesc>退款<\/datadesc><\/dataitem><\/datalist><\/recordinfo>","count":1}',
    ),
    Sample(
        name="merge nested deeply",
        type="merge",
        content=nested_merge(60),
    ),
)
