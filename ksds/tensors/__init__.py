"""TensorFlow checkpoints on disk (format V2, the "tensor bundle"), without TensorFlow.

    wire, varints      protobuf messages and their numbers
    table              the `.index` file: a sorted table of keys and values
    entries            what the values say: header, tensors, slices
    slice_keys         the keys of slices of partitioned tensors
    tensor_index       an index whose every row was held against the others
    tensor_data        the bytes of a tensor and their checksum
    bundle_files       the set of files that a prefix names
    state_file         the text file `checkpoint`
    publication        a set comes to a folder, whole or not at all; write_back: from an index kept elsewhere

Nothing here trusts a byte: sizes are compared with what is there before anything is read or made, each failure is one
BundleError. Source: tensorflow/tensorflow, core/util/tensor_bundle and core/lib/io, of version 2.21.
"""
