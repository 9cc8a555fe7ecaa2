"""The sites that may show the dashboard in a frame, such as slides or a course's pages (an LMS).

They are named by whoever runs the server. Browsers keep a cookie in a frame of another site only where
the answer came over HTTPS and says so; elsewhere a tab's own name stands for the browser.
"""

import logging
import os
import re
from functools import lru_cache
from typing import Final

import streamlit as st
from starlette.datastructures import Headers
from starlette.types import Scope

SITES: Final = "MLP_EMBED_SITES"
"""The environment's variable with the sites, such as "https://lms.example.org https://*.example.com"."""
_SITE: Final = re.compile(
    r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:([0-9]{1,5}|\*))?", re.IGNORECASE
)
_log = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def named_sites() -> tuple[str, ...]:
    """The sites in `SITES`; what is no site is left out, and the log says so."""
    sites = os.environ.get(SITES, "").replace(",", " ").split()
    for site in sites:
        if not _SITE.fullmatch(site):
            _log.warning("%s: %r is no site such as https://lms.example.org, and is left out.", SITES, site)
    return tuple(site for site in sites if _SITE.fullmatch(site))


def framing_sites() -> tuple[str, ...]:
    """All sites that may show the dashboard in a frame: the named ones, and those of Streamlit's option."""
    return (*st.get_option("client.allowedOrigins"), *named_sites())


def cookie_options(scope: Scope) -> str:
    """How a cookie is kept that answers a request: in a frame of a named site for that site only.

    Args:
        scope: The request.
    """
    asked = Headers(scope=scope)
    is_framed = asked.get("sec-fetch-dest") == "iframe" and asked.get("sec-fetch-site") == "cross-site"
    is_secure = "https" in (scope.get("scheme"), asked.get("x-forwarded-proto"))
    return (
        "SameSite=None; Secure; Partitioned" if is_framed and is_secure and named_sites() else "SameSite=Lax"
    )
