from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from assets.processes import this_process
from pipelines.ready import serves

NOBODY = """
import sys
from assets.processes import this_process
print(this_process())
"""


class Served(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/server_info" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def ready(port: int, process: str) -> str:
    """What is said, once everything that was started to say it has ended."""
    call = [sys.executable, "-m", "pipelines.ready", str(port), process]
    return subprocess.run(call, capture_output=True, text=True, timeout=60, check=True).stdout


def test_it_says_so_when_dagster_answers() -> None:
    with HTTPServer(("127.0.0.1", 0), Served) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port
        assert serves(port)
        assert ready(port, this_process()) == f"Dagster is ready: http://127.0.0.1:{port}  (Ctrl-C ends it)\n"
        server.shutdown()
    assert not serves(port)


def test_it_ends_when_the_process_has_ended_even_if_nobody_took_note_of_it() -> None:
    with subprocess.Popen([sys.executable, "-c", NOBODY], stdout=subprocess.PIPE, text=True) as ended:
        assert ended.stdout is not None
        name = ended.stdout.read().strip()  # it has ended now, and is a zombie until it is waited for
        assert ready(1, name) == ""
