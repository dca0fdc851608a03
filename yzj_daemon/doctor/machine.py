"""What can be asked of this machine alone: settings, rules, store."""

from contextlib import closing
from typing import TYPE_CHECKING

from yzj_daemon.doctor.probe import Probe, ok, unknown, wrong
from yzj_daemon.errors import Phrase, Problem, StoreProblem
from yzj_daemon.flow.troubles import Bounds, of_disk
from yzj_daemon.rules import load
from yzj_daemon.storage import copying, schema
from yzj_daemon.storage.daemons import running_on
from yzj_daemon.storage.engine import Store, database_of
from yzj_daemon.yzj.cipher import Cipher

if TYPE_CHECKING:
    from yzj_daemon.settings import Settings

_SETTINGS = Phrase(
    "按上面说的改设置; yzj-daemon settings 列出每个值和来源", "mend them; yzj-daemon settings lists each"
)


def of_settings(settings: "Settings") -> Probe:
    """Whether they are enough to run, and wise."""
    try:
        settings.for_run()
        if settings.callback.aes_key is not None:
            Cipher.from_key(settings.callback.aes_key.get_secret_value(), settings.callback.key_format)
    except Problem as problem:
        return wrong("settings", problem.what, problem.todo or _SETTINGS)
    if unwise := settings.findings():
        told = Phrase("; ".join(f.zh for f in unwise), "; ".join(f.en for f in unwise))
        return unknown("settings", told, Phrase("想清楚再保留", "keep it so only if you mean it"))
    return ok("settings", "够用, 没有矛盾", "complete, and without contradictions")


def of_rules(settings: "Settings") -> Probe:
    """Whether the rule files can be taken up."""
    loaded = load.load(settings.rules.path, settings.dialect())
    if loaded.ruleset is None:
        errors = [finding for finding in loaded.findings if finding.level == "error"]
        first = errors[0]
        where = f"{first.file}:{first.line}"
        return wrong(
            "rules",
            Phrase(
                f"{len(errors)} 个错误, 第一个 {where} {first.message.zh}",
                f"{len(errors)} mistakes, the first at {where}: {first.message.en}",
            ),
            Phrase("yzj-daemon check 列出每个错误和位置", "yzj-daemon check lists every mistake with its place"),
        )
    if not loaded.ruleset.rules:
        return unknown(
            "rules",
            Phrase("没有启用的规则", "no rule is switched on"),
            Phrase("从 rules.example.toml 开始", "begin with rules.example.toml"),
        )
    count = len(loaded.ruleset.rules)
    return ok("rules", f"{count} 条规则", f"{count} rules")


def of_store(settings: "Settings") -> Probe:
    """Whether it can be opened by this version and has room."""
    try:
        path = database_of(settings.store.url).path
        if path is not None and not path.exists():
            return unknown(
                "store",
                Phrase(f"还没有数据库: {path}", f"there is no store yet: {path}"),
                Phrase("守护进程第一次启动时创建它", "the daemon makes it at its first start"),
            )
        with closing(Store(settings.store.url)) as store:
            store.read_now(schema.require_current)
            room = store.read_now(copying.room)
    except StoreProblem as problem:
        return wrong("store", problem.what, problem.todo or Phrase("看 yzj-daemon db check", "see yzj-daemon db check"))
    for trouble in of_disk(path, Bounds.of(settings)):
        return wrong(
            "store",
            Phrase(f"磁盘快满了, 只剩 {trouble.why}", f"the disk is nearly full: {trouble.why} left"),
            Phrase("腾出空间, 或缩短 store.retention", "make room, or shorten store.retention"),
        )
    return ok("store", f"可用, {room.bytes >> 20} MiB", f"can be used, {room.bytes >> 20} MiB")


def running(settings: "Settings") -> bool:
    """Whether a daemon runs on this store; none does on one that cannot be."""
    try:
        with closing(Store(settings.store.url)) as store:
            return bool(running_on(store))
    except StoreProblem:
        return False


def of_daemon(settings: "Settings") -> Probe:
    if running(settings):
        return ok("daemon", "在运行", "it runs")
    return unknown(
        "daemon",
        Phrase("没有运行", "it does not run"),
        Phrase(
            "启动它再问一次; forward.dry_run = true 时只记录, 不转发",
            "start it, and ask again; with forward.dry_run = true it records and forwards nothing",
        ),
    )
