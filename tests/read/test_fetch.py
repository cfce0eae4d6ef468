from __future__ import annotations

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from gapmap.errors import FileError, InputError
from gapmap.read.fetch import Manners, fetch, fetch_services
from gapmap.read.services import read_services

SERVICES = [{"id": f"s{n}", "name": f"Service {n}", "status": "active"} for n in range(5)]


def page_of(number: int) -> dict[str, object]:
    part = SERVICES[(number - 1) * 2 : number * 2]
    return {
        "total_items": 5,
        "total_pages": 3,
        "page_number": number,
        "last_page": number == 3,
        "contents": part,
    }


class Misbehaving(BaseHTTPRequestHandler):
    """Answers as its path asks it to; counts how often each path was asked for."""

    asked: dict[str, int]

    def log_message(self, *_):
        pass

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.asked[self.path] = self.asked.get(self.path, 0) + 1
        answer = getattr(self, "do_" + path.strip("/").split("/")[0].replace("-", "_"), None)
        if answer is None:
            self.send_error(404)
        else:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                answer(path, query)

    def say(self, body: bytes | object, code: int = 200, **headers: str):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_fine(self, *_):
        self.say(b"name,postcode\nTea Club,EH1 3DG\n")

    def do_flaky(self, *_):
        if self.asked[self.path] < 3:
            self.say(b"", 503, Retry_After="0")
        else:
            self.say(b"name\nTea Club\n")

    def do_gone(self, *_):
        self.say(b"", 410)

    def do_down(self, *_):
        self.say(b"", 500)

    def do_silent(self, *_):
        time.sleep(1.5)

    def do_drip(self, *_):
        self.send_response(200)
        self.end_headers()
        for _ in range(60):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def do_huge(self, *_):
        self.send_response(200)
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"x" * 100_000)

    def do_boast(self, *_):
        self.send_response(200)
        self.send_header("Content-Length", "99999999999")
        self.end_headers()

    def do_cut(self, *_):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")

    def do_garbage(self, *_):
        self.wfile.write(b"\x00\x01\x02 not http at all\r\n\r\n")

    def do_to_file(self, *_):
        self.say(b"", 302, Location="file:///etc/passwd")

    def do_to_ftp(self, *_):
        self.say(b"", 302, Location="ftp://example.org/a")

    def do_loop(self, *_):
        self.say(b"", 302, Location="/loop")

    def do_moved(self, *_):
        self.say(b"", 301, Location="/fine")

    def do_services(self, path, query):
        parts = path.strip("/").split("/")
        if len(parts) == 1:
            number = int(query.partition("page=")[2] or 1)
            self.say(page_of(number))
        elif parts[1] == "s3":
            self.say(b"", 404)
        else:
            number = int(parts[1][1:])
            area = {
                "id": "a",
                "uri": "http://statistics.gov.scot/id/statistical-geography/S12000036",
            }
            self.say({**SERVICES[number], "service_areas": [area]})

    def do_breaks(self, path, query):
        number = int(query.partition("page=")[2] or 1)
        if number == 3 and self.asked[self.path] < 3:
            self.say(b'{"contents": [{"id": "s4"', 200)
        else:
            self.say(page_of(number))

    def do_elsewhere(self, *_):
        self.say({"data": [{"id": "1", "organisation": {}}], "next": "http://example.org/2"})

    def do_aliss(self, path, query):
        more = "" if "page=2" in query else "/aliss?page=2"
        name = "Two" if "page=2" in query else "One"
        self.say(
            {
                "meta": {"attribution": [{"text": "ALISS", "url": "https://www.aliss.org"}]},
                "count": 2,
                "next": more,
                "data": [{"id": name, "name": name, "organisation": {"name": "Body"}}],
            }
        )


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    handler = type("Handler", (Misbehaving,), {"asked": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        running.url = f"http://127.0.0.1:{running.server_port}"
        running.asked = handler.asked
        yield running
        running.shutdown()
        thread.join()


QUICK = Manners(
    timeout=0.4, total=0.8, tries=3, pause=0.01, most_bytes=1_000_000, allow_private=True
)


def test_a_file(server):
    assert fetch(server.url + "/fine", QUICK).startswith(b"name,postcode")
    frame = fetch_services(server.url + "/fine", QUICK)
    assert frame["name"].tolist() == ["Tea Club"]


def test_a_private_address_is_refused_before_anything_is_asked(server):
    with pytest.raises(InputError, match="private network"):
        fetch(server.url + "/fine")
    with pytest.raises(InputError, match="private network"):
        read_services(server.url + "/fine")
    assert server.asked == {}


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.org/b", "http://", "data:,x", "x"])
def test_other_schemes_are_refused(url):
    with pytest.raises(InputError, match="Only http"):
        fetch(url, QUICK)


def test_faults_that_pass_are_tried_again(server):
    assert b"Tea Club" in fetch(server.url + "/flaky", QUICK)
    assert server.asked["/flaky"] == 3


@pytest.mark.parametrize(
    ("path", "says", "times"),
    [
        ("/down", "500", 3),
        ("/silent", "no answer", 3),
        ("/drip", "longer than", 3),
        ("/cut", "broke off", 3),
        ("/garbage", "cannot be understood", 3),
        ("/gone", "410", 1),
        ("/nothing", "404", 1),
        ("/huge", "larger than 1 MB", 1),
        ("/boast", "larger than 1 MB", 1),
        ("/to-file", "another kind of address", 1),
        ("/to-ftp", "another kind of address", 1),
    ],
)
def test_what_fails_says_why(server, path, says, times):
    with pytest.raises(FileError, match=says):
        fetch(server.url + path, QUICK)
    assert server.asked[path] == times


def test_a_loop_of_redirects_ends(server):
    with pytest.raises(FileError):
        fetch(server.url + "/loop", QUICK)
    assert server.asked["/loop"] < 30


def test_a_redirect_on_the_same_site_is_followed(server):
    assert b"Tea Club" in fetch(server.url + "/moved", QUICK)


def test_nobody_there():
    with pytest.raises(FileError, match="could not be fetched"):
        fetch("http://127.0.0.1:9/x", QUICK)


def test_pages_and_details(server):
    frame = fetch_services(server.url + "/services", QUICK)
    assert frame["service_id"].tolist() == ["s0", "s1", "s2", "s3", "s4"]
    assert frame["serves"].tolist() == ["S12000036"] * 3 + ["", "S12000036"]
    # The one whose own page fails is kept, with the doubt.
    assert "could not be read" in frame["doubt"].iloc[3]
    assert frame.attrs["pages"] == 3
    assert frame.attrs["details"] == 4
    assert frame.attrs["expected"] == 5


def test_a_broken_page_stops_and_a_second_call_goes_on_from_the_cache(server, tmp_path):
    patient = Manners(tries=1, pause=0, allow_private=True, cache=tmp_path / "cache")
    url = server.url + "/breaks"
    with pytest.raises(FileError, match="not complete JSON"):
        fetch_services(url, patient)
    # The good pages are kept; the bad one is asked for again each time.
    with pytest.raises(FileError):
        fetch_services(url, patient)
    assert server.asked["/breaks"] == 1
    frame = fetch_services(url, patient)
    assert len(frame) == 5
    assert server.asked["/breaks"] == 1


def test_further_pages_stay_on_the_site(server):
    with pytest.raises(FileError, match="another site"):
        fetch_services(server.url + "/elsewhere", QUICK)


def test_aliss_by_its_next_link_with_its_attribution(server):
    frame = fetch_services(server.url + "/aliss", QUICK)
    assert frame["name"].tolist() == ["One", "Two"]
    assert frame.attrs["attribution"] == ["ALISS (https://www.aliss.org)"]


def test_by_default_a_broken_reading_is_kept_and_a_whole_one_leaves_nothing(
    server, tmp_path, monkeypatch
):
    from gapmap.read import fetch as module

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setattr(module, "_refuse_private", lambda host, address: None)
    url = server.url + "/breaks"
    for _ in range(2):
        with pytest.raises(FileError, match="not complete JSON"):
            read_services(url)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert len(read_services(url)) == 5
    assert server.asked["/breaks"] == 1
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
