from __future__ import annotations

import contextlib
import hashlib
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapmap.errors import FileError, InputError
from gapmap.read.fetch import Manners, download
from gapmap.read.official import LIST, RECORD, get, official_files
from gapmap.read.study_folder import KEYS

CONTENT = bytes(range(256)) * 400  # 102,400 bytes, no part like another part's end
SUM = hashlib.sha256(CONTENT).hexdigest()


class Publisher(BaseHTTPRequestHandler):
    """A publisher's server: its path says how it misbehaves."""

    asked: list[tuple[str, str]]
    cuts: dict[str, list[int]]

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.asked.append((self.path, self.headers.get("Range", "")))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            getattr(self, "do_" + path.strip("/").replace("-", "_"), self.missing)(query)

    def missing(self, _):
        self.send_error(404)

    def start(self, code, length, **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def begin_at(self, etag='"one"'):
        asked = self.headers.get("Range", "")
        fits = self.headers.get("If-Range", etag) == etag
        return int(asked.removeprefix("bytes=").rstrip("-")) if asked and fits else 0

    def serve(self, query, *, ranged=True, etag='"one"', content=CONTENT):
        """The file from where it is asked; cut off after as many bytes as the query lists."""
        cuts = self.cuts.setdefault(query, [int(n) for n in query.split(",") if n])
        begin = self.begin_at(etag) if ranged else 0
        rest = content[begin:]
        headers = {"ETag": etag} if etag else {}
        if begin:
            span = f"bytes {begin}-{len(content) - 1}/{len(content)}"
            self.start(206, len(rest), Content_Range=span, **headers)
        else:
            self.start(200, len(rest), **headers)
        self.wfile.write(rest[: cuts.pop(0)] if cuts else rest)

    def do_file(self, query):
        self.serve(query)

    def do_no_range(self, query):
        self.serve(query, ranged=False)

    def do_no_mark(self, query):
        self.serve(query, etag="")

    def do_changes(self, query):
        """Another edition of the file each time that it is asked for."""
        edition = len(self.asked)
        self.serve(query, etag=f'"{edition}"', content=bytes([edition]) * 5000)

    def do_other_part(self, _):
        if self.headers.get("Range"):
            self.start(206, 10, Content_Range="bytes 7-16/102400", ETag='"one"')
            self.wfile.write(CONTENT[7:17])
        else:
            first = len(self.asked) == 1
            self.start(200, len(CONTENT), ETag='"one"')
            self.wfile.write(CONTENT[:500] if first else CONTENT)

    def do_shrunk(self, _):
        if self.headers.get("Range"):
            self.send_error(416)
        else:
            first = len(self.asked) == 1
            self.start(200, len(CONTENT), ETag='"one"')
            self.wfile.write(CONTENT[:500] if first else CONTENT)

    def do_moved(self, _):
        self.start(302, 0, Location="/file")

    def do_to_disk(self, _):
        self.start(302, 0, Location="file:///etc/passwd")

    def do_stuck(self, _):
        self.start(200, len(CONTENT), ETag='"one"')

    def do_login(self, _):
        page = b"\n<!DOCTYPE html><html><body>Please sign in</body></html>"
        self.start(200, len(page))
        self.wfile.write(page)

    def do_boast(self, _):
        self.start(200, 10**18)


@pytest.fixture
def publisher():
    handler = type("Own", (Publisher,), {"asked": [], "cuts": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    handler.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()


KIND = Manners(timeout=2, total=20, tries=2, pause=0.001, allow_private=True)


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_cut_download_goes_on_where_it_broke_off(publisher, tmp_path):
    seen = []
    came = download(
        f"{publisher.url}/file?1000,50000",
        tmp_path / "a.zip",
        KIND,
        progress=lambda here, whole: seen.append((here, whole)),
    )
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert came.sha256 == SUM
    assert [asked for _, asked in publisher.asked] == ["", "bytes=1000-", "bytes=51000-"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert left(tmp_path) == ["a.zip"]


def test_a_second_call_goes_on_after_a_day(publisher, tmp_path):
    impatient = Manners(timeout=2, tries=1, pause=0.001, allow_private=True)
    with pytest.raises(FileError, match="are kept"):
        download(f"{publisher.url}/file?70000,0", tmp_path / "a.zip", impatient)
    assert left(tmp_path) == ["a.zip.part", "a.zip.part-of"]
    came = download(f"{publisher.url}/file?70000,0", tmp_path / "a.zip", KIND)
    assert came.resumed == 70_000
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


@pytest.mark.parametrize("path", ["no-range?1000", "no-mark?1000", "other-part", "shrunk"])
def test_what_cannot_be_resumed_starts_over(publisher, tmp_path, path):
    came = download(f"{publisher.url}/{path}", tmp_path / "a.zip", KIND)
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert came.resumed == 0


def test_two_editions_are_never_mixed(publisher, tmp_path):
    download(f"{publisher.url}/changes?1000,2000", tmp_path / "a.zip", KIND)
    content = (tmp_path / "a.zip").read_bytes()
    assert content == bytes([3]) * 5000


def test_the_part_of_another_address_is_not_gone_on_with(publisher, tmp_path):
    impatient = Manners(timeout=2, tries=1, pause=0.001, allow_private=True, total=0)
    with pytest.raises(FileError):
        download(f"{publisher.url}/changes?1000", tmp_path / "a.zip", impatient)
    came = download(f"{publisher.url}/file", tmp_path / "a.zip", KIND)
    assert came.resumed == 0
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing_and_keeps_the_old_file(publisher, tmp_path):
    (tmp_path / "a.zip").write_text("last year's")
    with pytest.raises(FileError, match="is not the file that is expected"):
        download(f"{publisher.url}/file", tmp_path / "a.zip", KIND, sha256="0" * 64)
    assert left(tmp_path) == ["a.zip"]
    assert (tmp_path / "a.zip").read_text() == "last year's"


def test_the_right_checksum_is_right_in_capitals_too(publisher, tmp_path):
    assert download(f"{publisher.url}/file", tmp_path / "a", KIND, sha256=SUM.upper())


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("nothing", "404"),
        ("to-disk", "another kind of address"),
        ("stuck", "could not be fetched"),
        ("boast", "larger than|too little room"),
    ],
)
def test_what_fails_says_why_and_leaves_the_old_file(publisher, tmp_path, path, says):
    (tmp_path / "a.zip").write_text("last year's")
    quick = Manners(timeout=0.2, total=5, tries=2, pause=0.001, allow_private=True)
    with pytest.raises(FileError, match=says):
        download(f"{publisher.url}/{path}", tmp_path / "a.zip", quick)
    assert (tmp_path / "a.zip").read_text() == "last year's"


def test_a_redirect_is_followed(publisher, tmp_path):
    assert download(f"{publisher.url}/moved", tmp_path / "a", KIND).sha256 == SUM


def test_a_large_file_is_refused_and_not_kept(publisher, tmp_path):
    small = Manners(timeout=2, tries=1, most_bytes=5000, allow_private=True)
    with pytest.raises(FileError, match="larger"):
        download(f"{publisher.url}/file", tmp_path / "a", small)
    assert left(tmp_path) == []


def test_this_computer_is_not_fetched_from_unless_allowed(publisher, tmp_path):
    with pytest.raises(InputError, match="private"):
        download(f"{publisher.url}/file", tmp_path / "a", Manners(tries=1))


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(1, 60_000), max_size=4))
def test_however_it_is_cut_the_file_is_whole(tmp_path_factory, cuts):
    handler = type("Own", (Publisher,), {"asked": [], "cuts": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/file?{','.join(map(str, cuts))}"
        target = tmp_path_factory.mktemp("cut") / "a"
        assert download(url, target, KIND).sha256 == SUM
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# -- the list -------------------------------------------------------------------------------------


@pytest.fixture
def one(publisher, tmp_path):
    """A list of one file, on the misbehaving server."""
    files = official_files().iloc[:1].copy()
    files.index = pd.Index(["zones"], name="name")
    files["address"], files["file"], files["address_certain"] = (
        f"{publisher.url}/file",
        "z.csv",
        "no",
    )
    return files


def test_every_line_of_the_list_is_whole():
    files = official_files()
    assert files.index.is_unique
    assert {"data-zone-people", "councils", "boards", "open-roads"} <= set(files.index)
    needed = ["what", "publisher", "licence", "attribution", "address", "page", "file", "use"]
    assert (files[needed] != "").all(axis=None)
    assert files["file"].is_unique
    assert files["file"].str.fullmatch(r"[\w.-]+").all()
    assert files["address"].str.startswith("https://").all()
    assert files["address_certain"].isin(["yes", "no"]).all()
    assert (files["megabytes"].astype(float) > 0).all()
    assert files["sha256"].str.fullmatch(r"([0-9a-f]{64})?").all()
    assert LIST.read_bytes().endswith(b"\n")


def test_the_first_checksum_is_noted_and_the_next_compared(publisher, one, tmp_path):
    first = get("zones", tmp_path, manners=KIND, files=one)
    assert first.fetched
    assert "noted" in first.news[0]
    record = pd.read_csv(tmp_path / RECORD).set_index("name").loc["zones"]
    assert record["sha256"] == SUM
    assert record["bytes"] == len(CONTENT)
    second = get("zones", tmp_path, manners=KIND, files=one)
    assert not second.fetched
    assert len(publisher.asked) == 1
    third = get("zones", tmp_path, manners=KIND, files=one, again=True)
    assert third.news == ()
    one["address"] = f"{publisher.url}/changes"
    fourth = get("zones", tmp_path, manners=KIND, files=one, again=True)
    assert "changed it since" in fourth.news[0]


def test_a_file_put_there_by_hand_is_taken_and_one_that_changed_is_told(one, tmp_path):
    (tmp_path / "z.csv").write_bytes(CONTENT)
    brought = get("zones", tmp_path, manners=KIND, files=one)
    assert brought.sha256 == SUM
    assert not brought.fetched
    (tmp_path / "z.csv").write_text("opened in Excel and saved")
    assert "It has changed since" in get("zones", tmp_path, manners=KIND, files=one).news[-1]
    one["sha256"] = SUM
    with pytest.raises(FileError, match="not the file that the list has"):
        get("zones", tmp_path, manners=KIND, files=one)


def test_without_a_network_it_says_how_to_bring_the_file(one, tmp_path):
    one["address"] = "https://no-such-host.invalid/zones.csv"
    with pytest.raises(FileError) as refused:
        get("zones", tmp_path, manners=Manners(tries=1), files=one)
    said = str(refused.value)
    assert "https://no-such-host.invalid/zones.csv" in said
    assert str(tmp_path / "z.csv") in said
    assert one.loc["zones", "page"] in said
    assert "--address" in said


def test_a_log_in_page_is_not_taken_for_the_file(publisher, one, tmp_path):
    one["address"] = f"{publisher.url}/login"
    with pytest.raises(FileError, match="web page"):
        get("zones", tmp_path, manners=KIND, files=one)
    assert left(tmp_path) == []


def test_another_address_can_be_given(publisher, one, tmp_path):
    one["address"], one["sha256"] = f"{publisher.url}/nothing", "0" * 64
    with pytest.raises(FileError, match="404"):
        get("zones", tmp_path, manners=KIND, files=one)
    got = get("zones", tmp_path, manners=KIND, files=one, address=f"{publisher.url}/moved")
    assert got.sha256 == SUM


def test_an_unknown_name_proposes_the_nearest(tmp_path):
    with pytest.raises(InputError, match='"boards"'):
        get("board", tmp_path)


def test_the_lines_for_study_toml_have_keys_that_are_known():
    for line in official_files()["setting"]:
        if line.startswith("["):
            ((section, keys),) = tomllib.loads(line.replace("] ", "]\n", 1)).items()
            assert set(keys) <= set(KEYS[section]), line
    assert official_files().at["urban-rural-lookup", "setting"].startswith("[people] urban_rural =")
