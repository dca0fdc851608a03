"""What every setting means, for a person who sees it for the first time: docs/settings.md is made of it."""

from typing import Final

from yzj_daemon.errors import Phrase

SECTIONS: Final[dict[str, Phrase]] = {
    "api": Phrase("平台接口: 平台在哪里, 我们是谁", "The platform: where it is, and who we are"),
    "callback": Phrase("回调: 平台推送消息进来的门", "Callbacks: the door through which the platform pushes messages"),
    "pull": Phrase("拉取: 补上回调漏掉的消息", "Pulling: what fills in whatever callbacks missed"),
    "accounts": Phrase("托管账号", "Hosted accounts"),
    "directory": Phrase("通讯录: id 的名字", "Directory: names for ids"),
    "forward": Phrase("转发: 多快、多少、什么不转", "Forwarding: how fast, how much, and what never"),
    "dedupe": Phrase("去重", "Duplicates"),
    "rules": Phrase("规则文件", "Rule files"),
    "store": Phrase("数据库", "The store"),
    "ops": Phrase("内部端口: 健康、指标", "The private bind: health and metrics"),
    "alerts": Phrase("告警(详见 alerts.md)", "Alerts (see alerts.md)"),
    "traces": Phrase("跟踪(详见 traces.md)", "Traces (see traces.md)"),
    "log": Phrase("日志", "Logs"),
    "lang": Phrase("语言", "Language"),
}

MEANINGS: Final[dict[str, Phrase]] = {
    "api.base_url": Phrase(
        "平台接口的地址, 含协议和前缀; 必填", "where the platform's API is, scheme and prefix included; required"
    ),
    "api.app_id": Phrase("后台 API 配置页的 AppID; 必填", "AppID from the back office's API page; required"),
    "api.app_secret": Phrase(
        "AppSecret; 和 api.access_token 二选一, 必填其一",
        "AppSecret; this or api.access_token is required, not both",
    ),
    "api.access_token": Phrase(
        "固定的令牌, 不用 AppSecret 换取; 过期后要自己换", "a fixed token instead of the secret; nobody renews it"
    ),
    "api.timeout": Phrase("一次平台调用最长等多久", "how long one call to the platform may take"),
    "api.grant_field": Phrase(
        "取令牌时参数的名字; 平台文档写作 grand_type", "a field's name in the token request; the vendor's own spelling"
    ),
    "callback.enabled": Phrase(
        "是否接收回调; 没有公网地址时设为 false, 只靠拉取",
        "take callbacks; false where no public address is to be had, and pulling does it all",
    ),
    "callback.host": Phrase(
        "监听的地址; systemd 传来的套接字优先", "the address to listen on; a socket from systemd wins"
    ),
    "callback.port": Phrase("监听的端口", "the port to listen on"),
    "callback.secret": Phrase(
        "回调地址的最后一段: POST /callback/<它>; 别人猜不到的长随机词; 开启回调时必填",
        "the last part of the callback's URL, POST /callback/<this>: a long random word; required with callbacks",
    ),
    "callback.aes_key": Phrase(
        "后台的 EncodingAESKey; 不允许明文时必填",
        "EncodingAESKey from the back office; required unless plaintext is allowed",
    ),
    "callback.key_format": Phrase("上面密钥的写法", "how that key is written"),
    "callback.body_format": Phrase("密文在请求体里的写法", "how the ciphertext stands in the body"),
    "callback.allow_plaintext": Phrase(
        "也接受没有加密的 JSON: 知道地址的人就能伪造消息",
        "accept unencrypted JSON, too: whoever knows the URL can forge messages",
    ),
    "callback.allow_from": Phrase(
        '只接受这些来源地址; "vendor" 是平台公布的服务器列表; 空 = 不限',
        'only these sources; "vendor" is the platform\'s published list of servers; empty is any',
    ),
    "callback.trusted_proxies": Phrase(
        "我们自己的反向代理, 只信它们写的 X-Forwarded-For", "our own proxies, whose X-Forwarded-For is believed"
    ),
    "callback.ack_within": Phrase(
        "最迟多久应答; 平台只等 1 秒", "the answer leaves by then at the latest; the platform waits one second"
    ),
    "callback.max_body": Phrase("请求体的上限, 更大的回 413", "the largest body; a larger one is answered 413"),
    "callback.message_types": Phrase(
        "哪些通知类型是聊天消息; 其余的只存下来", "which notifications are chat messages; the others are only kept"
    ),
    "pull.mode": Phrase("按账号、按会话拉取, 或不拉取", "pull per account, per chat, or not at all"),
    "pull.interval": Phrase(
        "多久拉取一次; 没有回调又没写明时, 按额度尽量快",
        "how often; without callbacks, and where it is not set, as often as the budget allows",
    ),
    "pull.page_size": Phrase("每页多少条", "rows a page"),
    "pull.budget_per_minute": Phrase(
        "每分钟最多多少次查询(平台上限 500), 所有账号共用",
        "queries a minute at most (the platform allows 500), shared by all accounts",
    ),
    "pull.direction_newer": Phrase("direction 参数取几表示更新的消息", "which value of direction means newer"),
    "pull.max_messages": Phrase(
        "一个账号的一次补拉到多少条就先让给别的账号", "where one catch-up of a log pauses, for the sake of the others"
    ),
    "pull.max_age": Phrase(
        "只转发补拉回来的、这么久以内的消息; 更早的存下, 不转发",
        "what a pull brings is forwarded when it is younger than this; older is kept and not forwarded",
    ),
    "pull.overlap": Phrase("每次多往回看多久", "how far each pull looks back once more"),
    "pull.rows_path": Phrase("消息列表在应答里的位置", "where the rows stand in the answer"),
    "pull.extra_params": Phrase("另加的查询参数", "further query parameters"),
    "pull.param_names.account": Phrase("参数名: 账号", "name of the parameter: account"),
    "pull.param_names.chat": Phrase("参数名: 会话", "name of the parameter: chat"),
    "pull.param_names.cursor": Phrase("参数名: 从哪条消息起", "name of the parameter: from which message"),
    "pull.param_names.direction": Phrase("参数名: 方向", "name of the parameter: direction"),
    "pull.param_names.page": Phrase("参数名: 页码", "name of the parameter: page"),
    "pull.param_names.page_size": Phrase("参数名: 每页条数", "name of the parameter: rows a page"),
    "accounts": Phrase(
        "只服务这些托管账号; 空 = 平台列出的和回调里出现的全部",
        "the hosted accounts to serve; empty is all that the platform lists or a callback shows",
    ),
    "directory.every": Phrase("多久读一遍群和联系人的名字", "how often the names of rooms and contacts are read"),
    "forward.dry_run": Phrase(
        "只判断和记录, 不转发: 第一天用; 和 run --dry-run 一样",
        "decide and record, and forward nothing: for the first day; the same as run --dry-run",
    ),
    "forward.pace": Phrase(
        "同一账号上一次应答到下一次调用至少隔多久; 低于 1 秒有被限制的风险",
        "least time between an answer and the next call of the same account; below 1 s accounts may be restricted",
    ),
    "forward.jitter": Phrase("再随机多等, 最多这么久", "adds a random wait, up to this"),
    "forward.per_minute": Phrase("每账号每分钟最多几条投递", "deliveries of one account in any minute"),
    "forward.per_hour": Phrase("每账号每小时最多几条投递", "deliveries of one account in any hour"),
    "forward.per_day": Phrase("每账号每 24 小时最多几条投递", "deliveries of one account in any 24 hours"),
    "forward.chat_gap": Phrase("同一目标会话两条之间至少隔多久", "least time between two deliveries to one chat"),
    "forward.max_targets": Phrase("一次调用里一条消息最多几个目标", "targets of one message in one call"),
    "forward.media_delay": Phrase(
        "图片、语音、视频、文件收到后先等这么久: 平台要时间上传",
        "pictures, voice, video and files wait so long: the platform uploads them in its own time",
    ),
    "forward.max_age": Phrase(
        "比这更早的消息不再转发 (too_old, expired)", "an older message is not forwarded (too_old, later expired)"
    ),
    "forward.on_unknown": Phrase(
        "不知道有没有发出去时: 留给人处理, 或再发一次(可能重复)",
        "where nobody can know whether it was sent: leave it to a person, or send once more (perhaps twice)",
    ),
    "forward.echo_window": Phrase(
        "等多久自己的副本, 以确认发出去了", "how long the account's own copy is waited for, which settles it"
    ),
    "forward.same_account_only": Phrase(
        "只由收到消息的账号转发", "only the account that received a message forwards it"
    ),
    "forward.cancel_on_revoke": Phrase(
        "转发之前被撤回的消息不转发", "a message recalled before it was forwarded is dropped"
    ),
    "forward.revoke_paths": Phrase(
        "撤回通知里, 被撤回消息的 id 在哪里; 空 = 常见的几处",
        "where a recall names the message it recalls; empty is the usual places",
    ),
    "forward.repeats_per_hour": Phrase(
        "同一内容到同一会话一小时最多几次: 防循环", "how often one content may go to one chat in an hour: against loops"
    ),
    "forward.deny_types": Phrase("从不转发的消息类型", "types that are never forwarded"),
    "forward.retries": Phrase("确定没发出去的, 一共试几次", "tries in all of what certainly was not sent"),
    "forward.error_patterns.offline": Phrase(
        "错误 1001 的文字含有它们: 账号不在线; 不写用内置的",
        "error 1001 with one of these in its text: the account is offline; unset is the built-in list",
    ),
    "forward.error_patterns.transient": Phrase("同上: 过会儿再试", "the same: to be tried again"),
    "forward.error_patterns.permanent": Phrase("同上: 再试也没用", "the same: no use to try again"),
    "dedupe.event_keys": Phrase(
        "几个托管账号都收到的同一条群消息, 靠哪些 id 认出来; 空 = 不认",
        "by which ids one room message is known again in the copies of several accounts; [] is by none",
    ),
    "rules.path": Phrase("规则文件, 或放规则文件的目录", "the rule file, or a directory of them"),
    "rules.poll": Phrase("多久看一次规则有没有改", "how often rule files are looked at for changes"),
    "rules.text_paths": Phrase(
        "各类型消息的文字在哪里, 补充内置的", "where the words of a message type stand, besides the built-in places"
    ),
    "store.url": Phrase(
        "SQLite 文件 (sqlite:///文件), 在 systemd 下默认放在服务自己的目录; 或 PostgreSQL 数据库 "
        "(postgresql://用户@主机/库, 其中的密码是密钥)",
        "an SQLite file (sqlite:///file), under systemd in the service's own directory; or a PostgreSQL database "
        "(postgresql://user@host/database; a password in it is a secret)",
    ),
    "store.retention": Phrase("原文、决定和投递保留多久", "how long originals, decisions and deliveries are kept"),
    "store.content": Phrase(
        "none: 不保留消息内容, 只留 id、指纹和决定(见 data.zh-CN.md)",
        "none: no message text is kept, only ids, fingerprints and decisions (see data.md)",
    ),
    "ops.host": Phrase(
        "控制台、健康和指标监听的地址; 不是本机地址时, 控制台要密码, 其余要 ops.token",
        "where console, health and metrics listen; others must log in or show ops.token",
    ),
    "ops.port": Phrase("端口", "the port"),
    "ops.password": Phrase(
        "控制台的密码(操作员): 明文或 argon2 哈希; 没有它, 只有本机能用 yzj-daemon console 的链接进入",
        "the console's password (operator), plain or as an argon2 hash; without one, by the link of yzj-daemon console",
    ),
    "ops.viewer_password": Phrase(
        "只读身份的密码: 能看, 不能改", "the password of viewers, who see everything and change nothing"
    ),
    "ops.token": Phrase(
        "别的机器用它读指标: Authorization: Bearer <它>; /healthz 和 /readyz 的是或否不需要",
        "what other machines show to read metrics, Authorization: Bearer <this>; a yes or no needs none",
    ),
    "ops.allowed_hosts": Phrase(
        "除本机名字和 ops.host 外, 浏览器可以用哪些主机名打开控制台, 例如反向代理的名字",
        "host names under which browsers may ask for the console, besides this machine's; as that of a proxy",
    ),
    "ops.edit_rules": Phrase(
        "操作员能不能在控制台里改规则文件; 规则由 git 或配置系统下发时设为 false, 草稿仍可下载",
        "whether operators may write rule files from the console; false where git or a system hands them out: drafts "
        "can still be downloaded",
    ),
    "alerts.urls": Phrase("告警发到哪里, Apprise 地址", "where alerts go, as Apprise URLs"),
    "alerts.patience": Phrase(
        "会自己过去的事, 持续这么久才告警; 消失这么久才算恢复",
        "what may pass by itself is told when it lasts so long, and is over when it is gone so long",
    ),
    "alerts.window": Phrase("同一件事在这段时间内只告警一次", "one alert per cause in this time"),
    "alerts.repeat": Phrase("一直没好, 每隔这么久再提醒", "what stays is told again so often"),
    "alerts.lane_stuck": Phrase("队列多久没送出任何东西算卡住", "a lane is stuck after carrying nothing for so long"),
    "alerts.disk_free": Phrase("磁盘剩余少于它就告警", "a disk with less room than this is told of"),
    "alerts.heartbeat_url": Phrase("一切正常时定期访问的地址", "what is called now and then while all is well"),
    "alerts.heartbeat_every": Phrase("多久一次", "how often"),
    "traces.endpoint": Phrase("跟踪发到哪里; 空 = 不发", "where traces go; empty is nowhere"),
    "traces.sample": Phrase("跟踪多少消息: 0.1 是十分之一", "of how many messages: 0.1 is one in ten"),
    "log.level": Phrase("日志级别; 只有 debug 会写消息文字", "the least level; message text is written at debug only"),
    "log.format": Phrase("auto: 终端上给人看, 否则 JSON", "auto is for people on a terminal, JSON elsewhere"),
    "lang": Phrase(
        "命令和告警用的语言; auto 看环境变量",
        "the language of commands and alerts; auto is what the environment speaks",
    ),
}
