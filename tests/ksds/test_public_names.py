"""The names that stay: few, listed, documented."""

import ksds


def test_the_public_names_are_these():
    assert sorted(ksds.__all__) == [
        "CatalogError",
        "ClusterDefinition",
        "DD",
        "DataSetAttributes",
        "DataSetError",
        "DataSetNotFound",
        "DuplicateKey",
        "EntrySequenced",
        "KeySequenced",
        "KsdsError",
        "RecordNotFound",
        "RelativeRecord",
        "SequentialDataSet",
        "SpaceQuantity",
        "SpaceRequest",
        "System",
        "VsamError",
        "code_page",
        "derive",
    ]
    assert all(getattr(ksds, name).__doc__ for name in ksds.__all__)


def test_a_key_that_is_not_there_is_a_key_error(tmp_path):
    with ksds.System.open(tmp_path / "mysystem") as system:
        space = ksds.SpaceQuantity("CYLINDERS", 1, 1)
        request = ksds.SpaceRequest(
            name="TEST.ACCOUNTS", space=space, key_length=8, average_record=80, maximum_record=80
        )
        system.define_cluster(ksds.derive(request))
        with system.key_sequenced("TEST.ACCOUNTS", mode="w") as accounts:
            accounts.insert(b"00000001" + bytes(72))
            accounts.commit()
            try:
                accounts.get(b"00000002")
            except KeyError as error:
                assert isinstance(error, ksds.VsamError)
                assert (error.return_code, error.feedback) == (8, 16)
            else:
                raise AssertionError
