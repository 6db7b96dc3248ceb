"""`python -m pipelines.ready PORT PROCESS`: say on the terminal when a process serves Dagster on a port.

`pipelines.ui` becomes Dagster, so it cannot say so itself. This goes to the background, and ends when it has
said so or when that process is gone. PROCESS is what `assets.processes.this_process` calls it.
"""

from __future__ import annotations

import http.client
import os
import sys
import time

from assets.processes import is_alive

HOST = "127.0.0.1"
_PAUSE = 0.25


def serves(port: int) -> bool:
    """Whether Dagster answers on a port of this machine."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", "/server_info")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    """Go to the background, wait, and say it."""
    port, process = int(sys.argv[1]), sys.argv[2]
    if os.fork():
        os._exit(0)
    while is_alive(process):
        if serves(port):
            sys.stdout.write(f"Dagster is ready: http://{HOST}:{port}  (Ctrl-C ends it)\n")
            sys.stdout.flush()
            return
        time.sleep(_PAUSE)


if __name__ == "__main__":
    main()
