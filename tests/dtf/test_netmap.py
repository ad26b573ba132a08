"""The netmap: who this node is and whom it knows."""

import pytest

from dtf.netmap import AdjacentNode, Netmap, NetmapError, host_address, node_name


def test_partners_are_kept_replaced_and_found_in_any_case(pair):
    with Netmap(pair.nyc, "w") as nodes:
        nodes.add(AdjacentNode("TOKYO", "H", "tokyo.example.com:1364", 10, 2))
        nodes.add(AdjacentNode("PARIS", "F", "/data/pariß", 2, 1))
        nodes.add(AdjacentNode("TOKYO", "H", "10.0.0.1:1364"))
    with Netmap(pair.nyc) as nodes:
        assert [node.name for node in nodes.nodes()] == ["LON", "PARIS", "TOKYO"]
        assert nodes.find("tokyo") == AdjacentNode("TOKYO", "H", "10.0.0.1:1364")
        assert nodes.find("PARIS").address == "/data/pariß"
        assert nodes.local == "NYC"
        with pytest.raises(NetmapError, match="ROME"):
            nodes.find("ROME")


def test_a_node_has_one_name(pair):
    with Netmap(pair.nyc, "w") as nodes:
        nodes.name_local("cd.home")
        assert nodes.local == "CD.HOME"


@pytest.mark.parametrize("name", ["", "A" * 17, "A B", "../X", "Ü", ".A"])
def test_what_is_no_node_name_is_refused(name):
    with pytest.raises(NetmapError):
        node_name(name)


@pytest.mark.parametrize("address", ["", "host", "host:", "host:0", "host:65536", "ho st:1", "host:1\n"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(NetmapError):
        host_address(address)


def test_an_address_without_end_is_refused(pair):
    with Netmap(pair.nyc, "w") as nodes, pytest.raises(NetmapError):
        nodes.add(AdjacentNode("TOKYO", "F", "x" * 5000))


@pytest.mark.parametrize("rule", ["ALLOW", "DISALLOW", "FORCE"])
def test_the_rule_of_compression_is_kept(pair, rule):
    with Netmap(pair.nyc, "w") as nodes:
        nodes.add(AdjacentNode("TOKYO", "H", "h:1", certificate=b"x" * 9, compression=rule))
    with Netmap(pair.nyc) as nodes:
        found = nodes.find("TOKYO")
    assert (found.compression, found.certificate, found.address) == (rule, b"x" * 9, "h:1")
