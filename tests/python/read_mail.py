"""Reads a mail from the standard input as a mail program does, and says as JSON what it holds and whether its signature is valid.

Each --txt NAME VALUE is a record of DNS; there are no others.
"""

import argparse
import email
import email.policy
import json
import logging
import sys

import dkim

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--txt", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
records = {f"{name}.".encode(): value.encode() for name, value in parser.parse_args().txt}

raw = sys.stdin.buffer.read()
message = email.message_from_bytes(raw, policy=email.policy.default)
parts = {}
for part in message.walk():
    if part.get_content_maintype() == "text":
        parts.setdefault(part.get_content_subtype(), part.get_content())

# Why a signature is not valid is logged, to the standard error output.
logging.basicConfig(level=logging.INFO)
valid = dkim.verify(raw, dnsfunc=lambda name, timeout=5: records.get(name), logger=logging.getLogger("dkim"))

headers = {}
for name, value in message.items():
    headers.setdefault(name.lower(), []).append(str(value))
print(json.dumps({"headers": headers, "type": message.get_content_type(), "plain": parts.get("plain"), "html": parts.get("html"), "signed": valid}))
