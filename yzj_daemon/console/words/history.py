"""The words of the history of the rules."""

from typing import Final

from yzj_daemon.errors import Phrase

WORDS: Final = {
    "history": Phrase("规则的历史", "History of the rules"),
    "history.at": Phrase("生效于", "In force from"),
    "history.set": Phrase("规则集", "Rule set"),
    "history.rules": Phrase("规则数", "Rules"),
    "history.changes": Phrase("改了什么", "What it changed"),
    "history.who": Phrase("谁在控制台写的", "Written from here by"),
    "history.in_force": Phrase("正在使用", "in force"),
    "history.no_rule": Phrase("没有改动规则", "no rule"),
    "history.empty": Phrase("还没有历史", "Nothing yet"),
    "history.none": Phrase("历史里没有这个规则集", "The history holds no such set"),
    "history.applied": Phrase("已经生效。", "It is in force."),
    "history.past": Phrase(
        "以前收到的消息不会自动补发; 需要的话在这里补发:",
        "What was received before is not forwarded by itself; if it should be, replay it here:",
    ),
    "history.replay": Phrase("补发 {rule}", "Replay {rule}"),
    "history.undo": Phrase("撤销, 恢复上一个", "Undo: put the one before back"),
    "history.from": Phrase("{at} 起使用", "in force from {at}"),
    "history.differs": Phrase("恢复它会这样改规则文件", "What putting it back changes in the files"),
    "history.operators": Phrase("只有操作员可以恢复", "Only an operator may put it back"),
    "history.restore": Phrase("恢复成这个规则集", "Put this set back"),
    "history.restore.means": Phrase(
        "写入规则文件, 立即生效; 现在的版本留在历史里。这个集里没有的文件会删去; 内容不在历史里的改名为 .set-aside。",
        "Writes the rule files; it is in force at once, and the version of now stays in the history. Files that it "
        "does not have are removed, or renamed to .set-aside where the history does not keep what they say.",
    ),
    "history.stale": Phrase(
        "规则文件在这期间变了, 没有写入; 重新打开页面看看",
        "The rule files changed meanwhile; nothing was written. Open the page again",
    ),
}
