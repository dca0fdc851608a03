"""The vendor's endpoints, each from a request to a reply. Nothing here waits."""

from collections.abc import Callable, Iterable, Sequence

from yzj_daemon.sandbox import wire
from yzj_daemon.sandbox.exchange import Parameters, Refusal, Reply, Request
from yzj_daemon.sandbox.forwarding import Forward
from yzj_daemon.sandbox.gate import admit_app, admit_caller, admit_read, admit_send, admit_token
from yzj_daemon.sandbox.jsontext import quoted
from yzj_daemon.sandbox.lists import LogQuery, Paging, chat_logs
from yzj_daemon.sandbox.platform import Platform
from yzj_daemon.sandbox.world import Account, Room

PATHS = {
    "/oauth/token": ("token", "POST"),
    "/wechat/forwardMsg": ("forwardMsg", "POST"),
    "/wechat/chatLogs": ("chatLogs", "GET"),
    "/wechat/list": ("list", "GET"),
    "/wechat/rooms": ("rooms", "POST"),
    "/wechat/roomDetail": ("roomDetail", "GET"),
    "/wechat/roomMembers": ("roomMembers", "GET"),
    "/wechat/contacts": ("contacts", "GET"),
    "/wechat/contactDetail": ("contactDetail", "GET"),
    "/wechat/contactInfo": ("contactInfo", "GET"),
    "/index/serverIpList": ("serverIpList", "GET"),
}
"""Path behind the prefix -> endpoint, its one method."""


class Endpoints:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._reads: dict[str, Callable[[Parameters], bytes]] = {
            "chatLogs": self._chat_logs,
            "list": self._list,
            "rooms": self._rooms,
            "roomDetail": self._room_detail,
            "roomMembers": self._room_members,
            "contacts": self._contacts,
            "contactDetail": self._contact_detail,
            "contactInfo": self._contact_info,
            "serverIpList": self._server_ips,
        }

    def answer(self, request: Request) -> Reply:
        """Any endpoint but forwardMsg."""
        try:
            self._check_method(request)
            admit_caller(self._platform, request.peer)
            asked = Parameters(request)
            if request.endpoint == "token":
                return self._good(self._token(asked))
            return self._good(self._read(request.endpoint, asked))
        except Refusal as refusal:
            return self.refused(refusal)

    def forward(self, request: Request, asked: Forward) -> Reply:
        """ForwardMsg (vendor page 11490697483004869). A good answer says no more than ``errcode`` 0."""
        try:
            self._check_method(request)
            admit_caller(self._platform, request.peer)
            admit_app(self._platform, asked.app_id)
            admit_token(self._platform, asked.token)
            self._forward(asked, request.body)
        except Refusal as refusal:
            return self.refused(refusal)
        return self._good(b"")

    def refused(self, refusal: Refusal) -> Reply:
        behaviour = self._platform.behaviour
        body = wire.answer(refusal.code, behaviour, refusal.text)
        return Reply(body, behaviour.error_status if refusal.code else 200, str(refusal.code))

    def _good(self, members: bytes) -> Reply:
        return Reply(wire.answer(0, self._platform.behaviour, members=members))

    @staticmethod
    def _check_method(request: Request) -> None:
        allowed = next(method for endpoint, method in PATHS.values() if endpoint == request.endpoint)
        if request.method != allowed:
            raise Refusal(405, f"request method error: {request.method}")

    def _read(self, endpoint: str, asked: Parameters) -> bytes:
        admit_app(self._platform, asked.text("app_id"))
        admit_token(self._platform, asked.text("access_token"))
        admit_read(self._platform)
        return self._reads[endpoint](asked)

    # Access

    def _token(self, asked: Parameters) -> bytes:
        options, behaviour = self._platform.options, self._platform.behaviour
        admit_app(self._platform, asked.text("app_id"))
        if asked.text("app_secret") != options.app_secret:
            raise Refusal(102, "app_secret error")
        fields = ("grand_type", "grant_type") if behaviour.grant_field == "either" else (behaviour.grant_field,)
        if "client_credentials" not in [asked.text(name) for name in fields]:
            raise Refusal(103, "grant_type error")
        return self._issued()

    def _issued(self) -> bytes:
        behaviour = self._platform.behaviour
        now, lifetime = self._platform.clock.monotonic(), behaviour.token_lifetime_s
        token = self._platform.tokens.issue(now, lifetime, voids_old=behaviour.token_voids_old)
        members = b'"access_token":"%b","expires_in":%d' % (token.encode(), lifetime)
        return b'"data":{' + members + b"}" if behaviour.token_nesting == "data" else members  # noqa: S105 - a place

    # Forwarding

    def _forward(self, asked: Forward, body: bytes) -> None:
        if asked.wrong:
            raise Refusal(406, f"parameter error: {asked.wrong}")
        account = self._sender(asked.account)
        admit_send(self._platform, account.id)
        self._check_sizes(asked)
        self._check_received(account, asked, body)
        good = [chat for chat in asked.chats if self._platform.world.reaches(account.id, chat)]
        bad = len(good) < len(asked.chats) and self._platform.behaviour.unknown_target
        if not bad or self._platform.behaviour.partial:
            self._platform.traffic.forward(account, asked, body, good)
        if bad:
            raise Refusal(bad, self._platform.behaviour.target_text)

    def _sender(self, wxid: str) -> Account:
        account = self._platform.world.accounts.get(wxid)
        if account is None:
            raise Refusal(406, "parameter error: wxid")
        if not account.online:
            raise Refusal(1001, self._platform.behaviour.offline_text)
        return account

    def _check_sizes(self, asked: Forward) -> None:
        behaviour = self._platform.behaviour
        if behaviour.max_targets and len(asked.chats) > behaviour.max_targets:
            raise Refusal(406, "parameter error: chat_wxids")
        if behaviour.max_messages and len(asked.pieces) > behaviour.max_messages:
            raise Refusal(406, "parameter error: messages")

    def _check_received(self, account: Account, asked: Forward, body: bytes) -> None:
        rule = self._platform.behaviour.received_by
        if rule == "unchecked":
            return
        holders: Iterable[Account] = [account] if rule == "account" else self._platform.world.accounts.values()
        for piece in asked.pieces:
            message = (piece.type, body[piece.start : piece.end])
            if not any(message in holder.received for holder in holders):
                raise Refusal(406, "parameter error: messages (not received by this account)")

    # Reading

    def _paging(self, asked: Parameters) -> Paging:
        page, size = asked.number("page", 1), asked.number("page_size", 10)
        if page < 1 or size < 1:
            raise Refusal(406, "parameter error: page")
        return Paging(page=page, page_size=min(size, self._platform.behaviour.page_size_max))

    def _chat_logs(self, asked: Parameters) -> bytes:
        """Vendor page 11490706027814705; the response is an assumption (U9-U13)."""
        behaviour = self._platform.behaviour
        query = self._log_query(asked)
        if not query.chat and behaviour.account_wide == "refused":
            raise Refusal(406, "parameter error: chat_wxid")
        if not query.chat and behaviour.account_wide == "empty":
            return wire.rows([], behaviour.rows_path, 0, query.paging.page_size, behaviour)
        page = chat_logs(self._platform.world, query, behaviour)
        if page is None:
            raise Refusal(406, "parameter error: svrid")
        elements = [wire.element(record, behaviour, pulled=True) for record in page.records]
        return wire.rows(elements, behaviour.rows_path, page.total, query.paging.page_size, behaviour)

    def _log_query(self, asked: Parameters) -> LogQuery:
        direction = asked.number("direction", 0)
        cursor = asked.text("svrid")
        if direction not in (0, 1, 2) or (cursor and not direction):
            raise Refusal(406, "parameter error: direction")
        return LogQuery(
            account=asked.text("wxid"),
            chat=asked.text("chat_wxid"),
            chat_type=asked.number("chat_type", 0),
            type=asked.text("msg_type"),
            cursor=cursor,
            newer=direction == self._platform.behaviour.direction_newer,
            paging=self._paging(asked),
        )

    def _listed(self, items: Sequence[dict[str, object]], asked: Parameters) -> bytes:
        behaviour, paging = self._platform.behaviour, self._paging(asked)
        shown = [quoted(item) for item in paging.cut(items)]
        return wire.rows(shown, behaviour.list_path, len(items), paging.page_size, behaviour)

    def _list(self, asked: Parameters) -> bytes:
        """Vendor page 11490700568000978."""
        online = asked.number("online", -1)
        accounts = self._platform.world.accounts.values()
        return self._listed([_account(a) for a in accounts if online in (-1, int(a.online))], asked)

    def _rooms(self, asked: Parameters) -> bytes:
        """Vendor page 11490700722316838."""
        account, wanted = asked.text("rel_wxid"), asked.text("wxids")
        ids = wanted.split(",") if wanted else list(self._platform.world.rooms)
        rooms = [self._platform.world.rooms[wxid] for wxid in ids if wxid in self._platform.world.rooms]
        return self._listed([_room(r) for r in rooms if not account or account in r.members], asked)

    def _room(self, wxid: str) -> Room:
        room = self._platform.world.rooms.get(wxid)
        if room is None:
            raise Refusal(1001, self._platform.behaviour.target_text)
        return room

    def _room_detail(self, asked: Parameters) -> bytes:
        """Vendor page 11490701617394903."""
        return b'"data":' + quoted(_room(self._room(asked.text("wxid", required=True))))

    def _room_members(self, asked: Parameters) -> bytes:
        """Vendor page 11490702539204197."""
        room, wanted = self._room(asked.text("room_wxid", required=True)), asked.text("wxids")
        members = [wxid for wxid in sorted(room.members) if not wanted or wxid in wanted.split(",")]
        return self._listed([self._person(wxid) for wxid in members], asked)

    def _contacts(self, asked: Parameters) -> bytes:
        """Vendor page 11490703448651212."""
        account = asked.text("rel_wxid", required=True)
        if account not in self._platform.world.accounts:
            raise Refusal(406, "parameter error: rel_wxid")
        persons = self._platform.world.persons
        return self._listed([{**self._person(wxid), "rel_wxid": account} for wxid in persons], asked)

    def _contact_detail(self, asked: Parameters) -> bytes:
        """Vendor page 11490703583828313."""
        account, wxid = asked.text("rel_wxid", required=True), asked.text("wxid", required=True)
        if wxid not in self._platform.world.persons:
            raise Refusal(1001, self._platform.behaviour.target_text)
        return b'"data":' + quoted({**self._person(wxid), "rel_wxid": account})

    def _contact_info(self, asked: Parameters) -> bytes:
        """Vendor page 11490705168124216."""
        wxid, world = asked.text("wxid", required=True), self._platform.world
        rooms = [room.id for room in world.rooms.values() if wxid in room.members]
        accounts = list(world.accounts) if wxid in world.persons else []
        return b'"data":' + quoted({"rel_wxids": accounts, "room_wxids": rooms})

    def _server_ips(self, _asked: Parameters) -> bytes:
        """Vendor page 11490693387127818."""
        return b'"data":' + quoted(self._platform.behaviour.server_ips)

    def _person(self, wxid: str) -> dict[str, object]:
        return {"wxid": wxid, "nickname": self._platform.world.name_of(wxid), "remark": ""}


def _account(account: Account) -> dict[str, object]:
    return {
        "id": account.number,
        "user_id": "10021",
        "sub_user_id": 10087,
        "corp_id": wire.CORP_ID,
        "wxid": account.id,
        "nickname": account.name,
        "online": int(account.online),
    }


def _room(room: Room) -> dict[str, object]:
    return {
        "id": int(room.id.removeprefix("R:")) if room.id[2:].isdecimal() else 0,
        "user_id": "10021",
        "sub_user_id": 10087,
        "corp_id": wire.CORP_ID,
        "wxid": room.id,
        "nickname": room.name,
        "member_count": len(room.members),
    }
