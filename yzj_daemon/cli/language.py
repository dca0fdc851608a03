"""Which language to speak, before any setting is read: help and the errors of the settings need one too."""

from collections.abc import Mapping

from yzj_daemon.errors import Lang


def choose(asked: str, environ: Mapping[str, str]) -> Lang:
    """``asked``, else ``YZJ_LANG``, else the locale's; Chinese for any ``zh…``, English for the rest."""
    told = (environ.get(name, "") for name in ("YZJ_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    first = next((word for word in (asked, *told) if word and word != "auto"), "")
    return "zh" if first.lower().startswith("zh") else "en"
