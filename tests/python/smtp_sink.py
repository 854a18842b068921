"""A mail server for tests, on a port of 127.0.0.1. It takes what it is sent, and behaves towards some as PLAN says.

What happens is written to a file, one JSON object a line. What it is told on its standard input, it does; when that ends, it ends.
"""

import argparse
import asyncio
import json
import ssl
import sys
from email.parser import BytesHeaderParser

from aiosmtpd.smtp import SMTP, AuthResult

# By the part of the address before the @, without digits.
PLAN = """
later           is put off at the recipient the first time (451)
nobody          has no mailbox (550 5.1.1)
unwanted        is refused with the message (554 5.7.1)
closing         finds the server closing at the recipient the first time (421)
closing-late    finds it closing after the message the first time (421)
silent          gets no answer to the message, which is not taken
mute            gets no answer to the message, which is taken
gone            loses the connection after the message, which is taken
cut             loses the connection in the middle of the message
anybody else    is taken
"""


def kind(address):
    return address.split("@")[0].strip("0123456789")


class Sink:
    """The handler of all connections, and what happened."""

    def __init__(self, options):
        self.record = open(options.record, "a", encoding="utf-8")
        self.delay = options.delay / 1000
        self.seen = set()
        # How many of the next connections, or senders, get no answer.
        self.stalls = {"banner": 0, "mail": 0}

    def note(self, event, **more):
        self.record.write(json.dumps({"event": event, **more}) + "\n")
        self.record.flush()

    def first(self, stage, address):
        """Whether this is the first time."""
        is_first = (stage, address) not in self.seen
        self.seen.add((stage, address))
        return is_first

    async def stall(self, place):
        """Never comes back; the other side goes, some time."""
        self.note("stalls", at=place)
        try:
            await asyncio.Event().wait()
        finally:
            self.note("left", at=place)

    async def stall_if_told(self, place):
        if self.stalls[place] > 0:
            self.stalls[place] -= 1
            await self.stall(place)

    async def handle_MAIL(self, server, session, envelope, address, options):
        await self.stall_if_told("mail")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        what = kind(address)
        self.note("asked", to=address, encrypted=session.ssl is not None, user=session.auth_data)
        if what == "later" and self.first("rcpt", address):
            return "451 4.7.1 come again"
        if what == "nobody":
            return "550 5.1.1 no such user"
        if what == "closing" and self.first("rcpt", address):
            return closing(server)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.delay)
        [to] = envelope.rcpt_tos
        what = kind(to)
        message = envelope.original_content
        mail = {"to": to, "id": BytesHeaderParser().parsebytes(message)["Message-ID"], "message": message.decode("latin-1")}
        if what == "unwanted":
            return "554 5.7.1 unwanted"
        if what == "closing-late" and self.first("data", to):
            self.note("put-off", **mail)
            return closing(server)
        if what == "silent":
            await self.stall("message")
        self.note("taken", **mail)
        if what == "mute":
            await self.stall("message")
        if what == "gone":
            server.transport.abort()
        return "250 2.0.0 taken"

    def told(self, line):
        """`stall banner 2`"""
        _, place, times = line.split()
        self.stalls[place] = int(times)


def closing(server):
    asyncio.get_running_loop().call_soon(server.transport.close)
    return "421 4.3.2 closing"


class Conversation(SMTP):
    async def _handle_client(self):
        await self.event_handler.stall_if_told("banner")
        await super()._handle_client()

    async def smtp_DATA(self, argument):
        if any(kind(to) == "cut" for to in self.envelope.rcpt_tos):
            await self.push("354 go on")
            await self._reader.readline()
            self.event_handler.note("cut", to=self.envelope.rcpt_tos[0])
            self.transport.abort()
            return
        await super().smtp_DATA(argument)


def authenticator(options):
    def check(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (options.user.encode(), options.password.encode())
        server.event_handler.note("signs-in", right=right, encrypted=session.ssl is not None)
        return AuthResult(success=right, handled=False, auth_data=data.login.decode())

    return check


async def main(options):
    sink = Sink(options)
    more = {}
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        more.update(tls_context=context, require_starttls=True)
    if options.user:
        more.update(authenticator=authenticator(options), auth_required=True, auth_require_tls=bool(options.certificate))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(sink, hostname="sink.example", **more), "127.0.0.1", options.port)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    while line := await orders.readline():
        sink.told(line.decode())


parser = argparse.ArgumentParser(description=__doc__, epilog=PLAN, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--record", required=True, help="the file for what happens")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--delay", type=float, default=0, help="milliseconds before the answer to a message")
parser.add_argument("--certificate", help="with --key: it wants STARTTLS")
parser.add_argument("--key")
parser.add_argument("--user", help="with --password: it wants a name and a password")
parser.add_argument("--password")
asyncio.run(main(parser.parse_args()))
