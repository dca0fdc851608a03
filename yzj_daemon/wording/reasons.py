"""What the names of decisions, states and reasons mean, for a person."""

from yzj_daemon.errors import Phrase

DECISIONS = {
    "matched": Phrase("有规则要转发它", "a rule asked for it"),
    "no_match": Phrase("没有规则匹配", "no rule matched"),
    "duplicate": Phrase("目标会话都已经收过这条消息", "every target chat already got it"),
    "loop": Phrase("目标就是它来的会话", "the only target is the chat it came from"),
    "self_sent": Phrase("是托管账号自己发的", "a hosted account sent it itself"),
    "shadow": Phrase("规则是影子模式或守护进程在试运行, 只记录不发送", "shadow rule or dry run: recorded, not sent"),
    "cooldown": Phrase("规则还在冷却", "the rule is cooling down"),
    "muted": Phrase("被静音", "muted"),
    "window": Phrase("在规则的时间窗之外", "outside the rule's window"),
    "type_denied": Phrase("这种消息类型不转发", "messages of this type are not forwarded"),
    "too_old": Phrase("收到时已经太旧", "too old when it was received"),
    "rule_error": Phrase("规则出错, 没有转发", "a rule failed; nothing was forwarded"),
}

STATES = {
    "pending": Phrase("等待发送", "waiting"),
    "sending": Phrase("正在发送", "on its way"),
    "sent": Phrase("平台已接受", "accepted by the platform"),
    "confirmed": Phrase("已看到发出的副本", "its own copy was seen"),
    "unknown": Phrase("不知道是否送达", "nobody knows whether it arrived"),
    "failed": Phrase("没有送达", "not delivered"),
    "held": Phrase("被扣住", "held"),
    "expired": Phrase("过期, 没有发送", "expired, not sent"),
    "dropped": Phrase("被丢弃", "dropped"),
}

WAITS = {
    "media_delay": Phrase("等媒体文件上传", "until the media is uploaded"),
    "delay": Phrase("规则要求延迟", "the rule's delay"),
    "window": Phrase("等时间窗打开", "until the window opens"),
    "limit": Phrase("规则匹配得太多 (limit)", "its rule matched too often (limit)"),
    "chat_gap": Phrase("同一会话间隔", "the chat's least gap"),
    "split": Phrase("同批有目标被拒, 分开再试", "its call was refused, tried alone"),
    "network": Phrase("网络不通", "the network is away"),
    "rate_limited": Phrase("平台限流 (407)", "rate limited by the platform (407)"),
    "token": Phrase("令牌无效", "the token is refused"),
    "offline": Phrase("账号不在线", "the account is offline"),
    "blocked": Phrase("凭据、白名单或合约不通过", "credentials, whitelist or contract"),
    "transient": Phrase("平台暂时出错", "a passing fault of the platform"),
    "bad_parameter": Phrase("平台说参数不对 (406)", "the platform refuses a parameter (406)"),
    "permanent": Phrase("平台永久拒绝", "refused for good"),
    "wrong_method": Phrase("请求方法不对 (405)", "wrong method (405)"),
    "timeout": Phrase("没有等到回答", "no answer in time"),
    "connection_lost": Phrase("请求发出后连接断了", "the connection broke after the request left"),
    "http_5xx": Phrase("平台返回 5xx", "the platform answered 5xx"),
    "unreadable": Phrase("平台的回答看不懂", "the answer could not be read"),
    "restored": Phrase("恢复备份之前可能已经转发过", "it may have left before the store was restored from a backup"),
    "interrupted": Phrase("发送途中进程中断", "the process ended while it was on its way"),
    "order": Phrase("等同一会话里更早的消息", "until what came before it in the same chat has left"),
    "failover": Phrase("原账号掉线, 由另一个账号转发", "its account is offline; another one forwards it"),
    "revoked": Phrase("发送者撤回了消息", "its sender recalled the message"),
    "operator": Phrase("人工操作", "by hand"),
    "released": Phrase("人工放行", "released by hand"),
    "requeued": Phrase("人工重新排队", "queued anew by hand"),
    "again": Phrase("再发一次", "once more"),
    "resent": Phrase("已由新的一次代替", "another one was sent in its place"),
    "sent_again": Phrase("已人工再发一次", "sent once more by hand"),
    "replay": Phrase("重放", "of a replay"),
}


def decision(name: str) -> Phrase:
    return DECISIONS.get(name, Phrase(name, name))


def because(reason: str) -> Phrase:
    """Why a delivery waits or how it ended."""
    return WAITS.get(reason, Phrase(reason, reason))


def state(name: str, reason: str) -> Phrase:
    """A delivery's state with its reason, if it has one."""
    told = STATES.get(name, Phrase(name, name))
    if not reason:
        return told
    why = because(reason)
    return Phrase(f"{told.zh} ({why.zh})", f"{told.en} ({why.en})")
