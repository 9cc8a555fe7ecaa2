"""The addresses of this machine in its networks, those first that a phone in the room is likely to reach.

A laptop may have several: by cable, by Wi-Fi, its own hotspot, a VPN, the inner networks of containers.
"""

import ipaddress
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import psutil  # Dask depends on it

Kind = Literal["room", "unassigned", "VPN", "inside"]
"""A network of the room; one that gave the machine no address, so that it chose one itself; a tunnel to
elsewhere; a network within the machine."""
KINDS: Final[tuple[Kind, ...]] = ("room", "unassigned", "VPN", "inside")
"""From the likeliest for phones to the least."""

_OUTSIDE: Final = ("192.0.2.1", 9)
"""An address set aside for documentation (RFC 5737). Choosing it as the far end of a UDP socket sends
nothing; the system only decides from which of its own addresses it would send."""
_VPN: Final = re.compile(
    r"(tun|tap|utun|wg|ppp|ipsec|tailscale|zt|nordlynx|proton|gpd|cscotun)|.*(vpn|wireguard|tap-windows)",
    re.I,
)
_INSIDE: Final = re.compile(
    r"(docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|flannel|cali|podman)|.*(vethernet|virtualbox|vmware)",
    re.I,
)
_SELF_ASSIGNED: Final = ipaddress.ip_network("169.254.0.0/16")


@dataclass(frozen=True)
class OwnAddress:
    """One of the machine's addresses: the name of its interface, and what kind of network it is in."""

    address: str
    interface: str
    kind: Kind


def own_addresses() -> tuple[OwnAddress, ...]:
    """All addresses (IPv4) of this machine that a phone might reach, the likeliest first; nothing is sent."""
    try:
        interfaces, states = psutil.net_if_addrs(), psutil.net_if_stats()
    except OSError:  # a system that does not say
        interfaces, states = {}, {}
    is_up = {name for name, state in states.items() if state.isup}
    addresses = {
        name: [entry.address for entry in entries if entry.family == socket.AF_INET]
        for name, entries in interfaces.items()
        if name in is_up
    }
    return in_order(addresses, _way_out())


def in_order(addresses: Mapping[str, Sequence[str]], way_out: str | None) -> tuple[OwnAddress, ...]:
    """Addresses without those that no other device reaches, the likeliest first.

    Args:
        addresses: By the names of the interfaces that are up.
        way_out: From which the machine would send to the internet; None where it cannot.
    """
    own = {
        address: OwnAddress(address, interface, _kind(interface, address))
        for interface, entries in addresses.items()
        for address in entries
        if not _is_none(address)
    }
    if way_out is not None and not _is_none(way_out):
        own.setdefault(way_out, OwnAddress(way_out, "", "room"))
    return tuple(sorted(own.values(), key=lambda one: (KINDS.index(one.kind), one.address != way_out)))


def _kind(interface: str, address: str) -> Kind:
    if _VPN.match(interface):
        return "VPN"
    if _INSIDE.match(interface):
        return "inside"
    return "unassigned" if ipaddress.ip_address(address) in _SELF_ASSIGNED else "room"


def _is_none(address: str) -> bool:
    """Whether it is no address under which others find a machine."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return True
    return parsed.is_loopback or parsed.is_unspecified


def _way_out() -> str | None:
    """The address from which the system would send to the internet, found without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_OUTSIDE)
        except OSError:
            return None
        return str(probe.getsockname()[0])
