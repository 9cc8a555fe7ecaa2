"""The settings of a run as a small JSON file, and the way back, which trusts nothing that it reads."""

import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from mnist_core.analysis.comparison import CHAPTERS
from mnist_core.bounds import MAX_REFUSAL, MAX_SETTINGS_BYTES
from mnist_core.config import SETTINGS, RunConfig
from mnist_core.settings import ConfigError
from mnist_core.training.stretches import chapters_in_words

FORMAT: Final = 1
"""Raised whenever a file of the older format would mean something else."""

_QUOTED: Final = 40
"""Characters of the name of an unknown setting that are repeated."""


class SettingsError(ValueError):
    """A file holds no settings that can be used; the message says why, in a sentence."""


def to_settings(config: RunConfig) -> str:
    """The settings as the text of a file."""
    return json.dumps({"format": FORMAT, "settings": config.to_dict()}, indent=2) + "\n"


def read_settings(content: bytes) -> RunConfig:
    """The settings in a file.

    Args:
        content: Of the file; anything at all.

    Raises:
        SettingsError: It is not exactly what `to_settings` writes for some config.
    """
    if len(content) > MAX_SETTINGS_BYTES:
        raise SettingsError(f"A settings file has at most {MAX_SETTINGS_BYTES:,} bytes; this one has more.")
    parsed = _parse(content)
    if not isinstance(parsed, dict) or set(parsed) != {"format", "settings"}:
        raise SettingsError(
            'A settings file holds "format" and "settings" and nothing else; this one does not.'
        )
    if type(parsed["format"]) is not int or parsed["format"] != FORMAT:
        raise SettingsError(f"The file's format must be {FORMAT}; it is of another version.")
    settings = parsed["settings"]
    if not isinstance(settings, dict):
        raise SettingsError("The file's settings must be names with values; they are something else.")
    return _config(settings)


def differences(config: RunConfig, other: RunConfig) -> dict[str, tuple[Any, Any]]:
    """The settings in which two runs differ: by name, the first one's value and the other's.

    Where their chapters differ, `CHAPTERS` has those of both in words.
    """
    ours, theirs = (each.values() | {CHAPTERS: chapters_in_words(each)} for each in (config, other))
    return {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}


def _config(settings: Mapping[str, Any]) -> RunConfig:
    required = {name for name, row in SETTINGS.items() if not row.is_later}
    if missing := sorted(required - set(settings)):
        raise SettingsError(f"The file lacks {', '.join(missing)}.")
    if unknown := sorted(set(settings) - {CHAPTERS} - set(SETTINGS)):
        raise SettingsError(f"The file has the setting “{unknown[0][:_QUOTED]}”, which does not exist.")
    try:
        return RunConfig.from_dict(settings)
    except ConfigError as error:
        raise SettingsError(_shortened(_with_words(str(error)))) from None


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse, object_pairs_hook=_unique)
    except SettingsError:
        raise
    except UnicodeDecodeError:
        raise SettingsError("A settings file is text in UTF-8; this file is something else.") from None
    except (ValueError, RecursionError):  # no JSON; a number too long; brackets without end
        raise SettingsError("A settings file is JSON; this file is not.") from None


def _refuse(constant: str) -> NoReturn:
    raise SettingsError(f"A setting must be a number or a word, not {constant}.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    parsed = dict(pairs)
    if len(parsed) < len(pairs):
        raise SettingsError("The file says the same thing twice; each setting must stand once.")
    return parsed


def _with_words(message: str) -> str:
    """An error that begins with the name of a setting, as in the file, with its words before that."""
    name, _, rest = message.partition(" ")
    if name not in SETTINGS:
        return message
    words = SETTINGS[name].words
    return f"{words[0].upper()}{words[1:]} ({name}) {rest}"


def _shortened(message: str) -> str:
    return message if len(message) <= MAX_REFUSAL else message[:MAX_REFUSAL] + " …"
