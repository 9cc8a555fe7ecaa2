"""Whether all that a lecture needs is ready, as far as a page can tell before it begins."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from dashboard.classroom import membership
from dashboard.elements.prose import read_lesson
from dashboard.lecture import phone_test, sharing
from dashboard.lecture.addresses import is_local
from dashboard.server import connections
from dashboard.session import resources
from mnist_core.classroom.room import grouped


@dataclass(frozen=True)
class Finding:
    """One thing that a lecture needs: whether it is ready, and a sentence about it in Markdown."""

    is_ready: bool
    sentence: str


def findings() -> list[Finding]:
    """MNIST, the address, phones, the camera and the class."""
    prose, images, room = read_lesson("lecture", "rehearsal"), resources.dataset(), membership.hosted_room()
    is_whole = images.origin.kind != "embedded"
    reach = sharing.dashboard_address()
    camera = has_camera(reach.base)
    found = [
        Finding(is_whole, prose["mnist" if is_whole else "sample"].format(images=images.name)),
        Finding(
            reach.is_reachable,
            prose["reachable" if reach.is_reachable else "unreachable"].format(address=reach.base),
        ),
    ]
    n_phones = phone_test.n_reached()
    found.append(Finding(n_phones > 0, prose["phones" if n_phones else "no phone"].format(n=n_phones)))
    if connections.is_too_low():
        found.append(Finding(False, prose["few phones"].format(n=connections.n_phones())))
    found += [
        Finding(camera, prose["camera" if camera else "no camera"]),
        Finding(
            room is not None, prose["class"].format(code=grouped(room.code)) if room else prose["no class"]
        ),
    ]
    return found


def has_camera(address: str) -> bool:
    """Whether browsers let a page at an address use the camera: over https, and on the machine itself."""
    parts = urlsplit(address)
    return parts.scheme == "https" or is_local(parts.hostname or "")


def show() -> None:
    """All findings, each with a mark that says whether it is ready."""
    for finding in findings():
        icon = ":material/check_circle:" if finding.is_ready else ":material/warning:"
        st.markdown(f"{icon} {finding.sentence}")
