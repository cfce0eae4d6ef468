"""Fetching from the network, the only place that opens a connection, and only when asked to.

It gives up after stated times and sizes, tries again after faults that pass, keeps what it has
fetched so that a broken-off reading goes on where it stopped, and follows no redirect to another
scheme or into a private network.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import os
import re
import shutil
import socket
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gapmap.errors import FileError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

_CHUNK = 1 << 16
_PASSING = frozenset([408, 425, 429, 500, 502, 503, 504])
_BEYOND = 416  # the answer of a server to a part that its file does not have
_MOST_PAGES = 10_000
_AGENT = "gapmap (service mapping; reads open data)"


@dataclass(frozen=True)
class Manners:
    """How patient and how trusting the fetching is.

    Parameters
    ----------
    timeout
        Seconds without an answer, or without further bytes, after which a try is given up.
    total
        Seconds after which one address is given up, however slowly it still sends.
    tries
        How often one address is tried.
    pause
        Seconds before the second try; doubled before each further one.
    most_bytes
        Size above which an answer is refused.
    allow_private
        Whether addresses of a private network, or of this computer, may be fetched.
    cache
        Folder in which answers are kept; none by default.
    max_age_days
        Age above which a kept answer is fetched anew.
    """

    timeout: float = 20.0
    total: float = 300.0
    tries: int = 4
    pause: float = 0.5
    most_bytes: int = 200_000_000
    allow_private: bool = False
    cache: Path | None = None
    max_age_days: float = 1.0


def fetch(url: str, manners: Manners | None = None) -> bytes:
    """The bytes at an address.

    Parameters
    ----------
    url
        http or https.
    manners
        Times, sizes and trust.

    Raises
    ------
    InputError
        If the address is no http or https one, or lies in a private network.
    FileError
        If it cannot be fetched; the message says why and what to do.

    Examples
    --------
    >>> fetch("file:///etc/passwd")
    Traceback (most recent call last):
        ...
    gapmap.errors.InputError: Only http and https addresses are fetched, not "file:///etc/passwd".
    """
    manners = manners or Manners()
    _check_scheme(url)
    kept = _kept(url, manners)
    if kept is not None:
        return kept
    pause = manners.pause
    last = ""
    for attempt in range(manners.tries):
        if attempt:
            time.sleep(pause)
            pause *= 2
        try:
            content = _once(url, manners)
        except _Again as again:
            last = str(again)
            pause = max(pause, again.wait)
            continue
        _keep(url, content, manners)
        return content
    raise FileError(
        f"{url} could not be fetched: {last}, {manners.tries} times. Try again later, or download "
        "it in a browser and give the file."
    )


#: For whole files of a publisher: national road networks are over a gigabyte.
LARGE = Manners(timeout=60.0, total=6 * 3600.0, tries=6, pause=1.0, most_bytes=6_000_000_000)


class Downloaded(NamedTuple):
    """What a download came to.

    Parameters
    ----------
    path
        The file.
    size
        Its bytes.
    sha256
        Its checksum, in hexadecimal.
    resumed
        Bytes that an earlier, broken-off download had left.
    """

    path: Path
    size: int
    sha256: str
    resumed: int


def download(
    url: str,
    target: str | Path,
    manners: Manners | None = None,
    *,
    sha256: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Downloaded:
    """Fetch an address into a file, which is there only when it is whole.

    What has come so far waits in ``<target>.part``. A download that broke off, a minute or a day
    ago, goes on from there if the server still has the same file (by its ETag or date, or since
    the checksum is known); else it starts over.

    Parameters
    ----------
    url
        http or https.
    target
        The file to write; what is there is replaced at the end. Its folder is made.
    manners
        Times, sizes and trust; by default those for large files. ``tries`` counts tries in a row
        that brought nothing; ``total`` is for the whole download.
    sha256
        What the file must be; "" where it is not known.
    progress
        Is told bytes here and bytes in all (0 where the server does not say).

    Raises
    ------
    InputError
        If the address is no http or https one, or lies in a private network.
    FileError
        If it cannot be fetched or written, is too large, or is another file than ``sha256`` says.

    Examples
    --------
    >>> download("ftp://example.org/a.zip", "a.zip")
    Traceback (most recent call last):
        ...
    gapmap.errors.InputError: Only http and https addresses are fetched, not "ftp://example.org/a.zip".
    """
    manners = manners or LARGE
    _check_scheme(url)
    target = Path(target)
    tell = progress or (lambda here, whole: None)
    end = time.monotonic() + manners.total
    idle = 0
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = _Part(target, url, sha256)
        resumed = part.size
        while not part.whole:
            before = part.size
            try:
                _go_on(url, part, manners, end, tell)
            except _Again as again:
                if again.start_over:
                    part.drop()
                idle = 0 if part.size > before else idle + 1
                if idle >= manners.tries or time.monotonic() > end:
                    kept = (
                        f" The {part.size / 1e6:,.1f} MB that came are kept: the next try goes on "
                        "from there if the server allows it."
                        if part.size
                        else ""
                    )
                    raise FileError(f"{url} could not be fetched: {again}.{kept}") from None
                time.sleep(max(manners.pause * 2**idle, again.wait))
        found = part.checksum()
        if sha256 and found != sha256.lower():
            part.drop()
            raise FileError(
                f"{url} is not the file that is expected: its checksum is {found[:12]}..., not "
                f"{sha256[:12].lower()}.... It broke on the way, or the publisher has replaced it. "
                "Nothing was kept."
            )
        size, resumed = part.size, min(resumed, part.resumed)
        part.finish()
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"{target} could not be written: {error.strerror or error}.") from None
    return Downloaded(target, size, found, resumed)


class _Part:
    """The part of a file that is here already, and of which edition of the file it is."""

    def __init__(self, target: Path, url: str, sha256: str) -> None:
        self.target = target
        self.file = target.with_name(target.name + ".part")
        self.note = target.with_name(target.name + ".part-of")
        self.whole = False
        self.resumed = self.size
        self._url, self._known, self._mark = url, bool(sha256), ""
        try:
            kept, self._mark = self.note.read_text(encoding="utf-8").splitlines()[:2]
        except (OSError, ValueError):
            kept = ""
        if kept != url:
            self.drop()

    @property
    def size(self) -> int:
        try:
            return self.file.stat().st_size
        except OSError:
            return 0

    def headers(self) -> dict[str, str]:
        """What to ask for: the rest, if it is sure to be of the same file."""
        if not self.size or not (self._mark or self._known):
            return {}
        asked = {"Range": f"bytes={self.size}-"}
        return {**asked, "If-Range": self._mark} if self._mark else asked

    def begin(self, mark: str) -> None:
        """Start over; note which edition the bytes are of, so that a later try may go on."""
        self._mark, self.resumed = mark, 0
        self.file.write_bytes(b"")
        self.note.write_text(f"{self._url}\n{mark}\n", encoding="utf-8")

    def checksum(self) -> str:
        with self.file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()

    def drop(self) -> None:
        self.file.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def finish(self) -> None:
        self.file.replace(self.target)
        self.note.unlink(missing_ok=True)


def _go_on(
    url: str, part: _Part, manners: Manners, end: float, tell: Callable[[int, int], None]
) -> None:
    """One try: the rest of the file, or all of it where the server gives no rest."""
    headers = part.headers()
    with _answer(url, manners, **headers) as answer:
        begins = answer.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
        rest = answer.status == 206
        if rest and (not headers or begins != str(part.size)):
            raise _Again("the server sent another part", start_over=True)
        length = _length(answer, url, manners)
        here = part.size if rest else 0
        whole = here + length if length else 0
        if whole > manners.most_bytes:
            raise _too_large(url, manners)
        if length > shutil.disk_usage(part.target.parent).free:
            raise FileError(
                f"{part.target.parent} has too little room: {url} needs {length / 1e6:,.0f} MB "
                "more. Choose another folder."
            )
        try:
            if not rest:
                # A weak ETag does not promise the same bytes.
                mark = answer.headers.get("ETag", "")
                weak = not mark or mark.startswith("W/")
                part.begin(answer.headers.get("Last-Modified", "") if weak else mark)
            file = part.file.open("ab", buffering=0)  # a full disk is told at once
        except OSError as error:
            raise _unwritable(part, error) from None
        with file:
            tell(here, whole)
            while chunk := answer.read1(_CHUNK):
                here += len(chunk)
                if here > manners.most_bytes:
                    part.drop()
                    raise _too_large(url, manners)
                try:
                    file.write(chunk)
                except OSError as error:
                    raise _unwritable(part, error) from None
                tell(here, whole)
                _check_time(end, manners)
        if here < whole:
            raise _Again("it broke off")
        part.whole = True


def _unwritable(part: _Part, error: OSError) -> FileError:
    return FileError(f"{part.file} could not be written: {error.strerror or error}.")


def fetch_services(url: str, manners: Manners | None = None) -> pd.DataFrame:
    """The services at an address: an Open Referral or ALISS feed with all of its pages, or a file.

    Parameters
    ----------
    url
        A feed's ``/services`` or search address, or a file of any kind that
        `gapmap.read.services.read_services` reads.
    manners
        As for `fetch`; by default with a cache that is emptied once the reading ended well.

    Returns
    -------
    pandas.DataFrame
        As `gapmap.read.services.read_services` describes; ``attrs`` also has pages (how many
        were read), expected (how many services the feed says it has, if it does) and, of a feed
        whose list is shallow, details (how many services were read one by one).

    Raises
    ------
    InputError, FileError
        As for `fetch`; also where a later page fails: what was fetched is kept (in the cache that
        is given, else in the person's own cache folder for a day), and a second call goes on from
        there.
    """
    if manners is not None:
        return _services(url, manners)
    # What is kept is only for going on after a break: a reading that ends well leaves nothing, so
    # that the next one sees the feed as it is then.
    folder = _resuming_folder(url)
    frame = _services(url, Manners(cache=folder))
    shutil.rmtree(folder, ignore_errors=True)
    return frame


def _resuming_folder(url: str) -> Path:
    """Where the pages of a broken-off reading wait, in the person's own cache folder."""
    return cache_folder() / "reading" / hashlib.sha256(url.encode()).hexdigest()[:32]


def cache_folder() -> Path:
    """The folder in which gapmap keeps what it may lose, in the person's own cache."""
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME")
    base = Path(home) if home else Path.home() / ".cache"
    return base / "gapmap"


def proxies() -> dict[str, str]:
    """The proxies through which addresses are fetched, without names and passwords in them.

    Examples
    --------
    >>> sorted(set(proxies()) - {"http", "https", "all", "ftp", "no", "socks"})
    []
    """
    return {
        scheme: re.sub(r"//[^/@]*@", "//", address)
        for scheme, address in sorted(urllib.request.getproxies().items())
    }


def _services(url: str, manners: Manners) -> pd.DataFrame:
    from gapmap.read import aliss, jsondata, openreferral

    content = fetch(url, manners)
    name = urllib.parse.urlsplit(url).path.rsplit("/", 1)[-1] or "the address"
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _as_file(content, name)
    first = _parsed(content, url, manners)
    if jsondata.is_geodata(first):
        return _as_file(content, name if name.endswith("json") else f"{name}.geojson")
    for reader in (aliss.services_of, openreferral.services_of):
        found = reader(first)
        if found is None:
            continue
        pages = 1
        for page in _further(url, first, manners):
            found += reader(page) or []
            pages += 1
        details = 0
        if reader is openreferral.services_of and _paged(first):
            found, details = _detailed(url, found, manners)
        body = {**first, "data": found} if reader is aliss.services_of else {"contents": found}
        frame = jsondata.services_frame(body, url)
        frame.attrs |= {"pages": pages, "details": details, "expected": _expected(first)}
        return frame
    return jsondata.services_frame(first, url)


# -- one address ----------------------------------------------------------------------------------


class _Again(Exception):  # noqa: N818  (no error that anyone but `fetch` sees)
    """A fault that may pass; ``wait`` is what the server asks for, in seconds.

    ``start_over``: what is here already is of no use to the next try.
    """

    def __init__(self, message: str, wait: float = 0.0, *, start_over: bool = False) -> None:
        super().__init__(message)
        self.wait = wait
        self.start_over = start_over


def _check_scheme(url: str) -> None:
    try:
        parts = urllib.parse.urlsplit(url)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise InputError(f'Only http and https addresses are fetched, not "{url[:200]}".')


def _once(url: str, manners: Manners) -> bytes:
    end = time.monotonic() + manners.total
    with _answer(url, manners) as answer:
        length = _length(answer, url, manners)
        content = bytearray()
        while chunk := answer.read1(_CHUNK):
            content += chunk
            if len(content) > manners.most_bytes:
                raise _too_large(url, manners)
            _check_time(end, manners)
        if len(content) < length:
            raise _Again("it broke off")
        return bytes(content)


@contextmanager
def _answer(url: str, manners: Manners, **headers: str) -> Iterator[Any]:
    """An open answer; whatever fails while it is read becomes `_Again` or says what to do."""
    request = urllib.request.Request(
        url, headers={"User-Agent": _AGENT, "Accept-Encoding": "identity", **headers}
    )
    try:
        with _opener(manners).open(request, timeout=manners.timeout) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        with error:
            if error.code in _PASSING:
                asked = error.headers.get("Retry-After", "")
                wait = min(float(asked), 30.0) if asked.isdigit() else 0.0
                raise _Again(f"the server answers {error.code} ({error.reason})", wait) from None
            if error.code == _BEYOND and "Range" in headers:
                raise _Again("the part that is here fits no longer", start_over=True) from None
            if 300 <= error.code < 400:
                raise FileError(
                    f"{url} sends on to another kind of address, or round in a circle, which was "
                    "not followed."
                ) from None
            raise FileError(
                f"{url} could not be fetched: the server answers {error.code} ({error.reason}). "
                "Check the address."
            ) from None
    except (TimeoutError, socket.timeout):  # noqa: UP041  (one in Python, two in its history)
        raise _Again(f"no answer within {manners.timeout:g} seconds") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, FileError | InputError):
            raise error.reason from None
        raise _Again(_why(error.reason)) from None
    except (http.client.HTTPException, ConnectionError) as error:
        raise _Again(f"the answer cannot be understood ({type(error).__name__})") from None
    except (ValueError, OSError) as error:
        if isinstance(error, FileError | InputError):
            raise
        raise _Again(_why(error)) from None


def _length(answer: Any, url: str, manners: Manners) -> int:
    """How many bytes the answer says that it has; 0 if it does not say."""
    length = answer.headers.get("Content-Length", "")
    if not length.isdigit():
        return 0
    if int(length) > manners.most_bytes:
        raise _too_large(url, manners)
    return int(length)


def _check_time(end: float, manners: Manners) -> None:
    if time.monotonic() > end:
        raise _Again(f"it took longer than {manners.total:g} seconds")


def _why(reason: object) -> str:
    if isinstance(reason, socket.gaierror):
        return "its name is not known (is there a network?)"
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    return str(reason) or type(reason).__name__


def _too_large(url: str, manners: Manners) -> FileError:
    return FileError(
        f"{url} is larger than {manners.most_bytes / 1e6:,.0f} MB and was not fetched. "
        "Download it in a browser and give the file."
    )


def _opener(manners: Manners) -> urllib.request.OpenerDirector:
    # A proxy of the organisation is itself in the private network, so that only what is asked of
    # it can be judged; without one the address that was truly reached is judged.
    proxied = bool(urllib.request.getproxies())
    judge = None if manners.allow_private or proxied else _refuse_private
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(judge_names=proxied and not manners.allow_private),
        _Http(judge),
        _Https(judge),
    ]
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _refuse_private(host: str, address: str) -> None:
    where = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(where, "ipv4_mapped", None)
    if not (mapped or where).is_global:
        raise InputError(
            f"{host} lies in a private network ({address}) and was not fetched. "
            "If that is meant, allow private addresses."
        )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows few redirects, to the same scheme or from http to https."""

    max_redirections = 5
    max_repeats = 2

    def __init__(self, *, judge_names: bool) -> None:
        self.judge_names = judge_names

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        old, new = (urllib.parse.urlsplit(url).scheme for url in (req.full_url, newurl))
        if new != old and (old, new) != ("http", "https"):
            raise FileError(
                f"{req.full_url} sends on to another kind of address ({newurl[:200]}), which was "
                "not followed."
            )
        if self.judge_names:
            host = urllib.parse.urlsplit(newurl).hostname or ""
            try:
                _refuse_private(host, host)
            except InputError:
                raise
            except ValueError:
                pass  # a name, not an address
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, judge: Callable[[str, str], None] | None) -> None:
        super().__init__()
        self.judge = judge

    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_judged(http.client.HTTPConnection, self.judge), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, judge: Callable[[str, str], None] | None) -> None:
        super().__init__()
        self.judge = judge

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_judged(http.client.HTTPSConnection, self.judge), req)


def _judged(kind: Any, judge: Callable[[str, str], None] | None) -> Any:
    """A kind of connection that looks at the address that it reached before it asks anything."""
    if judge is None:
        return kind
    look = judge

    class Judged(kind):  # type: ignore[misc]
        def _create(self, *args: Any, **options: Any) -> socket.socket:
            reached = socket.create_connection(*args, **options)
            try:
                look(self.host, reached.getpeername()[0])
            except InputError:
                reached.close()
                raise
            return reached

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._create_connection = self._create

    return Judged


# -- the cache ------------------------------------------------------------------------------------


def _file_of(url: str, cache: Path) -> Path:
    return cache / hashlib.sha256(url.encode()).hexdigest()[:32]


def _kept(url: str, manners: Manners) -> bytes | None:
    if manners.cache is None:
        return None
    file = _file_of(url, manners.cache)
    try:
        age = time.time() - file.stat().st_mtime
        return file.read_bytes() if age < manners.max_age_days * 86_400 else None
    except OSError:
        return None


def _keep(url: str, content: bytes, manners: Manners) -> None:
    if manners.cache is None:
        return
    # Written whole or not at all: a half-written page would be taken for the page.
    try:
        manners.cache.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=manners.cache)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(_file_of(url, manners.cache))
    except OSError as error:
        raise FileError(
            f"{manners.cache} cannot keep what was fetched: {error.strerror or error}."
        ) from None


# -- pages ----------------------------------------------------------------------------------------


def _further(url: str, first: Any, manners: Manners) -> Iterator[Any]:
    """The pages after the first, by the feed's next link or by number."""
    if not isinstance(first, dict):
        return
    seen = {url}
    page = first
    number = 1
    while len(seen) < _MOST_PAGES:
        following = _next_address(url, page, number)
        if not following or following in seen:
            return
        _check_same_site(url, following)
        seen.add(following)
        number += 1
        page = _page(following, manners)
        if not isinstance(page, dict):
            raise FileError(f"{following} is no page of services.")
        yield page
    raise FileError(f"{url} has more than {_MOST_PAGES:,} pages; ask its keeper for a bulk file.")


def _page(url: str, manners: Manners) -> Any:
    return _parsed(fetch(url, manners), url, manners)


def _parsed(content: bytes, url: str, manners: Manners) -> Any:
    """The JSON of an address; what is none is not kept, so that the next call asks again."""
    from gapmap.read import jsondata

    try:
        return jsondata.parse(content, url)
    except FileError:
        if manners.cache is not None:
            _file_of(url, manners.cache).unlink(missing_ok=True)
        raise


def _next_address(url: str, page: dict[str, Any], number: int) -> str:
    link = page.get("next")
    if isinstance(link, str) and link:
        return urllib.parse.urljoin(url, link)
    total = page.get("total_pages", page.get("totalPages"))
    last = page.get("last_page", page.get("last"))
    more = (isinstance(total, int) and number < total) or last is False
    if not more or page.get("empty") is True or not (page.get("contents") or page.get("content")):
        return ""
    parts = urllib.parse.urlsplit(url)
    query = [(k, v) for k, v in urllib.parse.parse_qsl(parts.query) if k != "page"]
    query.append(("page", str(number + 1)))
    return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(query)))


def _check_same_site(url: str, following: str) -> None:
    first, second = urllib.parse.urlsplit(url), urllib.parse.urlsplit(following)
    if first.hostname != second.hostname or (first.scheme, second.scheme) == ("https", "http"):
        raise FileError(
            f"{url} names a further page on another site ({following[:200]}), which was not "
            "fetched. Give that address if it is meant."
        )


def _paged(content: Any) -> bool:
    return isinstance(content, dict) and ("contents" in content or "content" in content)


def _expected(content: Any) -> int | None:
    if not isinstance(content, dict):
        return None
    for key in ("total_items", "totalElements", "count"):
        if isinstance(content.get(key), int):
            return int(content[key])
    return None


def _detailed(url: str, services: list[Any], manners: Manners) -> tuple[list[Any], int]:
    """The services of a shallow list, each with what its own page adds."""
    shallow = not any(
        isinstance(service, dict) and {"service_at_locations", "service_areas"} & set(service)
        for service in services
    )
    if not shallow:
        return services, 0
    parts = urllib.parse.urlsplit(url)
    full: list[Any] = []
    count = 0
    for service in services:
        key = service.get("id") if isinstance(service, dict) else None
        if not isinstance(key, (str, int)) or key == "":
            full.append(service)
            continue
        path = f"{parts.path.rstrip('/')}/{urllib.parse.quote(str(key), safe='')}"
        address = urllib.parse.urlunsplit(parts._replace(path=path, query=""))
        try:
            detail = _page(address, manners)
        except FileError as error:
            # One page that fails must not lose the service that the list has told of.
            full.append({**service, "attributes": [_failed(str(error))]})
            continue
        full.append({**service, **detail} if isinstance(detail, dict) else service)
        count += isinstance(detail, dict)
    return full, count


def _failed(reason: str) -> dict[str, Any]:
    from gapmap.read.openreferral import GAPMAP_TAXONOMY

    return {
        "link_type": "doubt",
        "value": f"its own page could not be read: {reason[:200]}",
        "taxonomy_term": {"taxonomy": GAPMAP_TAXONOMY},
    }


def _as_file(content: bytes, name: str) -> pd.DataFrame:
    """Read fetched bytes as the file that their address names."""
    from gapmap.read.services import read_services

    safe = "".join(letter for letter in name if letter.isalnum() or letter in "._-")[-80:]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / (safe.lstrip(".") or "download")
        file.write_bytes(content)
        return read_services(file)
