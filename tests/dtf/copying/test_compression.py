"""COMPRESS: what goes in comes out, shorter, and a hostile buffer cannot blow up."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtf.copying.compression import Compression, CompressionError, packer, unpack

PRIME, EXTENDED = Compression("P"), Compression("E")
runs = st.lists(st.tuples(st.sampled_from([0x40, 0x00, 0xF0, 0xC1]), st.integers(1, 200)), max_size=20).map(
    lambda pairs: b"".join(bytes([value]) * count for value, count in pairs)
)


@pytest.mark.parametrize(
    "compression", [PRIME, EXTENDED, Compression("P", prime=0), Compression("E", level=9, window=9, memory=1)]
)
@given(data=st.one_of(st.binary(max_size=2000), runs))
def test_a_buffer_comes_back_as_it_was(compression, data):
    packed = packer(compression)(data)
    assert unpack(packed, compression, len(data), len(data)) == data


def test_no_compression_has_no_packer():
    assert packer(Compression()) is None


@pytest.mark.parametrize(
    ("data", "packed"),
    [
        (b"\x40" * 63, b"\xbf"),
        (b"\x40" * 64, b"\xbf\x01\x40"),
        (b"\x40\x40", b"\x82"),
        (b"\xf0" * 63, b"\xff\xf0"),
        (b"\xf0" * 3, b"\xc3\xf0"),
        (b"\xf0\xf0", b"\x02\xf0\xf0"),
        (b"AB\x40\x40\x40C", b"\x02AB\x83\x01C"),
    ],
)
def test_prime_character_strings_have_the_documented_sizes(data, packed):
    assert packer(PRIME)(data) == packed


def test_a_zip_bomb_is_refused_before_it_grows():
    bomb = zlib.compress(bytes(50_000_000), 9)
    with pytest.raises(CompressionError, match="limit"):
        unpack(bomb, EXTENDED, 50_000_000, 1_000_000)
    with pytest.raises(CompressionError, match="holds"):
        unpack(bomb, EXTENDED, 1000, 1_000_000)


def test_a_ratio_beyond_a_thousand_is_refused_above_a_mebibyte():
    with pytest.raises(CompressionError, match="1000:1"):
        unpack(b"\xbf" * 100, PRIME, 2_000_000, 4_000_000)


@given(st.binary(max_size=300), st.integers(0, 5000))
def test_noise_gives_one_error_or_the_declared_length(noise, declared):
    for compression in (PRIME, EXTENDED):
        try:
            assert len(unpack(noise, compression, declared, 5000)) == declared
        except CompressionError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("packed", [b"\x00", b"\x41A", b"\x05AB", b"\xc3", b"\x80"])
def test_broken_string_control_bytes_are_refused(packed):
    with pytest.raises(CompressionError):
        unpack(packed, PRIME, 5, 100)


def test_a_stream_with_something_after_it_is_refused():
    with pytest.raises(CompressionError):
        unpack(zlib.compress(b"abc") + b"x", EXTENDED, 3, 100)


@pytest.mark.parametrize(
    "operands", [{"kind": "Z"}, {"kind": "E", "level": 10}, {"kind": "E", "window": 8}, {"kind": "P", "prime": 256}]
)
def test_operands_out_of_range_are_refused(operands):
    with pytest.raises(CompressionError):
        Compression(**operands)
