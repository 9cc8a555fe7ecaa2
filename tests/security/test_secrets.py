"""The repository holds no secret, and the dashboard reads none."""

import re
import subprocess

import pytest
from paths import ROOT

KEYS = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{22,}",
    "a Slack token": r"\bxox[abposr]-[A-Za-z0-9-]{10,}",
    "a Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a key of an API": r"\bsk-[A-Za-z0-9_-]{20,}\b",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"<>{}]+:[^\s/@'\"<>{}]+@(?!example\.org)",
    "a password": r"(?i)\b(?:password|passwd|secret|api_?key|token)\b\s*[=:]\s*['\"][^'\"\s]{8,}['\"]",
}
FILES = r"(^|/)(secrets\.toml|\.env[^/]*|id_[a-z0-9]+|[^/]*\.(pem|key|p12|pfx|keystore))$"
READS = r"st\.secrets|secrets\.toml|st\.login|st\.connection|keyring|getpass"
OWN = "tests/security/test_secrets.py"
WORD = "dashboard/classroom/membership.py"  # the word that opens a class may be among Streamlit's secrets


@pytest.fixture(scope="module")
def tracked():
    """The files of the repository, by name."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout of git")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def test_the_repository_holds_no_secret(tracked):
    assert len(tracked) > 100
    assert [name for name in tracked if re.search(FILES, name)] == []
    secrets = [
        (name, kind)
        for name in tracked
        if name != OWN
        for kind, key in KEYS.items()
        if re.search(key, text_of(name))
    ]
    assert secrets == []


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----", "AKIA" + "A1" * 8, "ghp_" + "a" * 36, "AIza" + "b" * 35,
        "https://me:hidden@host.test/", "password = 'correct horse'".replace(" h", "-h"), "sk-" + "c" * 24,
    ],
)  # fmt: skip
def test_a_secret_would_be_found(text):
    assert any(re.search(key, text) for key in KEYS.values())


def test_the_dashboard_reads_no_secret_but_the_word_that_opens_a_class(tracked):
    sources = [name for name in tracked if name.endswith(".py") and name.split("/")[0] != "tests"]
    assert len(sources) > 100
    assert [name for name in sources if re.search(READS, text_of(name))] == [WORD]
