"""Mails as people's programs and mail servers write them."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid

from PIL import Image
from PIL.ExifTags import GPS, IFD

from core.geo import Place
from tests import factories

TOWN = "signaler@villeclaire.example"
NOBODY = "plus-personne@example.org"


def mail(
    *,
    to: str = TOWN,
    sender: str = "Jeanne Élan <jeanne@example.org>",
    subject: str = "Un trou",
    text: str = "Il y a un trou devant l’école.",
    html: str | None = None,
    photos: tuple[bytes, ...] = (),
    charset: str = "utf-8",
    **headers: str,
) -> bytes:
    """A mail with words and photos; `headers` by their names, "_" for "-"."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = headers.pop("Message_ID", make_msgid(domain="example.org"))
    message["Date"] = "Tue, 03 Mar 2026 10:40:00 +0100"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text:
        message.set_content(text, charset=charset)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    for number, data in enumerate(photos):
        kind = "heic" if data[4:8] == b"ftyp" else "jpeg"
        message.add_attachment(data, "image", kind, filename=f"IMG_{number}.{kind}")
    return message.as_bytes()


def photo_at(place: Place, width: int = 640) -> bytes:
    """A photo that says where it was taken."""

    def sexagesimal(degrees: float) -> tuple[float, float, float]:
        whole, rest = divmod(abs(degrees) * 60, 60)
        return float(whole), float(int(rest)), round((rest - int(rest)) * 60, 4)

    exif = Image.Exif()
    exif[IFD.GPSInfo] = {
        GPS.GPSLatitudeRef: "N",
        GPS.GPSLatitude: sexagesimal(place.lat),
        GPS.GPSLongitudeRef: "E",
        GPS.GPSLongitude: sexagesimal(place.lon),
    }
    return factories.jpeg(width, width * 3 // 4, exif=exif)


def returned(
    original: bytes,
    *,
    to: str,
    status: str = "5.1.1",
    action: str = "failed",
    diagnostic: str = "smtp; 550 5.1.1 User unknown",
    whole: bool = False,
    shape: str = "postfix",
) -> bytes:
    """A delivery status notification (RFC 3464) about `original`, as that kind of server shapes it."""
    says = {
        "postfix": "MAILER-DAEMON@mx.example.org (Mail Delivery System)",
        "exim": "Mail Delivery System <Mailer-Daemon@mx.example.org>",
        "exchange": "Microsoft Outlook <postmaster@outlook.example>",
        "gmail": "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
    }[shape]
    head, _blank, _body = original.replace(b"\r\n", b"\n").partition(b"\n\n")
    part = ("message/rfc822", original.replace(b"\r\n", b"\n")) if whole else ("text/rfc822-headers", head)
    return b"\n".join(
        [
            b"Return-Path: <>",
            f"From: {says}".encode(),
            f"To: {to}".encode(),
            f"Delivered-To: {to}".encode(),
            b"Subject: Undelivered Mail Returned to Sender",
            b"Auto-Submitted: auto-replied",
            f"Message-ID: {make_msgid(domain='mx.example.org')}".encode(),
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/report; report-type=delivery-status; boundary="XX"',
            b"",
            b"--XX",
            b"Content-Type: text/plain; charset=us-ascii",
            b"",
            b"This is the mail system. I'm sorry to have to inform you that your message could not be delivered.",
            b"",
            b"--XX",
            b"Content-Type: message/delivery-status",
            b"",
            b"Reporting-MTA: dns; mx.example.org",
            b"Arrival-Date: Tue,  3 Mar 2026 10:40:00 +0100 (CET)",
            b"",
            f"Final-Recipient: rfc822; {NOBODY}".encode(),
            f"Action: {action}".encode(),
            f"Status: {status}".encode(),
            f"Diagnostic-Code: {diagnostic}".encode(),
            b"",
            b"--XX",
            f"Content-Type: {part[0]}".encode(),
            b"",
            part[1],
            b"",
            b"--XX--",
            b"",
        ]
    )


def old_exim(original: bytes, *, to: str) -> bytes:
    """A returned mail as servers wrote it before there was a form for it."""
    return "\n".join(
        [
            "Return-path: <>",
            "X-Failed-Recipients: " + NOBODY,
            "Auto-Submitted: auto-replied",
            "From: Mail Delivery System <Mailer-Daemon@old.example.org>",
            f"To: {to}",
            f"Message-ID: {make_msgid(domain='old.example.org')}",
            "Subject: Mail delivery failed: returning message to sender",
            "",
            "This message was created automatically by mail delivery software.",
            "",
            f"  {NOBODY}",
            "    SMTP error from remote mail server after RCPT TO:",
            "    550 User unknown",
            "",
            "------ This is a copy of the message, including all the headers. ------",
            "",
            original.decode("utf-8", "replace").replace("\r\n", "\n"),
        ]
    ).encode()
